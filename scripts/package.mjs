// Completes what wasm-pack made: the node package, a default export in every package, package.json, JavaScript without
// comments and long names, and sizes.
import { cpSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parse } from "smol-toml";
import { minifySync } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const recipe = parse(readFileSync(join(root, "wasm-pack.toml"), "utf8"));
const folder = (target) => join(root, recipe.packages[target]);
const MAIN = "agent_datastore.js";

if (!readFileSync(join(folder("web"), "agent_datastore.d.ts"), "utf8").includes("export function open(")) {
  throw new Error("the module has no exports: another build has taken its place; remove target/wasm32-unknown-unknown/release");
}

const edit = (path, change) => writeFileSync(path, change(readFileSync(path, "utf8")));

// Every package is used alike: `import init, { open } from "agent-datastore"; await init();`
const READY = "\n/** The module is ready as soon as it is imported. */\nexport default async function init() {}\n";
const READY_TYPES = "\n/** The module is ready as soon as it is imported. */\nexport default function init(): Promise<void>;\n";

edit(join(folder("bundler"), MAIN), (text) => text + READY);
edit(join(folder("bundler"), "agent_datastore.d.ts"), (text) => text + READY_TYPES);

rmSync(folder("node"), { recursive: true, force: true });
cpSync(folder("web"), folder("node"), { recursive: true });
writeFileSync(
  join(folder("node"), "index.js"),
  `import { readFileSync } from "node:fs";
import { initSync } from "./${MAIN}";

initSync({ module: readFileSync(new URL("./agent_datastore_bg.wasm", import.meta.url)) });

export * from "./${MAIN}";
${READY}`,
);
writeFileSync(join(folder("node"), "index.d.ts"), `export * from "./agent_datastore.js";\n${READY_TYPES}`);

for (const target of Object.keys(recipe.packages)) {
  rmSync(join(folder(target), ".gitignore"), { force: true });
  edit(join(folder(target), "package.json"), (text) => {
    const manifest = JSON.parse(text);
    const main = target === "node" ? "index" : "agent_datastore";
    manifest.name = "agent-datastore";
    manifest.type = "module";
    manifest.main = `${main}.js`;
    manifest.types = `${main}.d.ts`;
    manifest.exports = { ".": { types: `./${main}.d.ts`, default: `./${main}.js` } };
    if (target === "node") manifest.files.push("index.js", "index.d.ts");
    return `${JSON.stringify(manifest, null, 2)}\n`;
  });
}

const filesOf = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesOf(join(path, name))) : [path];
const sizeOf = (paths) => paths.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0);

const minified = (path) => (text) => {
  const { code, errors } = minifySync(path, text, { module: true, mangle: { keepNames: { class: true, function: false } } });
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  // As bundlers know it.
  return code.replace(/new URL\(`([^`$]+)`,import\.meta\.url\)/, 'new URL("$1",import.meta.url)');
};
for (const target of Object.keys(recipe.packages)) {
  for (const path of filesOf(folder(target)).filter((name) => name.endsWith(".js"))) edit(path, minified(path));
}

let over = false;
for (const target of Object.keys(recipe.packages)) {
  const files = filesOf(folder(target));
  for (const kind of ["wasm", "js"]) {
    const bytes = sizeOf(files.filter((path) => path.endsWith(`.${kind}`)));
    const budget = recipe.budget[kind];
    over ||= bytes > budget;
    console.log(`${target.padEnd(8)} ${kind.padEnd(5)} ${String(bytes).padStart(7)} bytes gzipped, budget ${budget}`);
  }
}
if (over) {
  console.error("error: over the size budget of wasm-pack.toml");
  process.exit(1);
}
