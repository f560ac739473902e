// Makes the packages under pkg/ of what wasm-pack has made: one file of JavaScript each, package.json, and sizes.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { parse } from "smol-toml";
import { withLives } from "./glue.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const recipe = parse(readFileSync(join(root, "wasm-pack.toml"), "utf8"));
const made = join(root, recipe.packages.made);
const MAIN = "agent_datastore.js";
const WASM = "agent_datastore_bg.wasm";

const readText = (name) => readFileSync(join(made, name), "utf8");
const types = readText("agent_datastore.d.ts");
if (!types.includes("export function open(")) {
  throw new Error("the module has no exports: another build has taken its place; remove target/wasm32-unknown-unknown/release");
}

/** All of the JavaScript in one file, without comments and long names. */
async function bundled() {
  const entry = join(made, "lives.js");
  writeFileSync(entry, withLives(readText(MAIN)));
  const bundle = await rolldown({ input: entry, platform: "neutral" });
  const minify = { compress: true, mangle: { keepNames: { class: true, function: false } }, codegen: true };
  const { output } = await bundle.generate({ format: "esm", minify });
  if (output.length !== 1) throw new Error("the code is more than one file");
  // As bundlers know it.
  return output[0].code.replace(/new URL\(`([^`$]+)`,import\.meta\.url\)/, 'new URL("$1",import.meta.url)');
}

// Every package is used alike: `import init, { open } from "agent-datastore"; await init();`
const READY = "\n/** The module is ready as soon as it is imported. */\nexport default async function init() {}\n";
const READY_TYPES = "\n/** The module is ready as soon as it is imported. */\nexport default function init(): Promise<void>;\n";
const ENTRIES = {
  web: undefined,
  bundler: `import load from "./${MAIN}";

await load();

export * from "./${MAIN}";
${READY}`,
  node: `import { readFileSync } from "node:fs";
import { initSync } from "./${MAIN}";

initSync({ module: readFileSync(new URL("./${WASM}", import.meta.url)) });

export * from "./${MAIN}";
${READY}`,
};

const code = await bundled();
let over = false;
for (const [target, entry] of Object.entries(ENTRIES)) {
  const folder = join(root, recipe.packages[target]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of [WASM, "agent_datastore.d.ts", "agent_datastore_bg.wasm.d.ts", "README.md"]) {
    copyFileSync(join(made, name), join(folder, name));
  }
  writeFileSync(join(folder, MAIN), code);
  if (entry) {
    writeFileSync(join(folder, "index.js"), entry);
    writeFileSync(join(folder, "index.d.ts"), `export * from "./agent_datastore.js";\n${READY_TYPES}`);
  }

  const manifest = JSON.parse(readText("package.json"));
  const main = entry ? "index" : "agent_datastore";
  manifest.name = "agent-datastore";
  manifest.type = "module";
  manifest.main = `${main}.js`;
  manifest.types = `${main}.d.ts`;
  manifest.exports = { ".": { types: `./${main}.d.ts`, default: `./${main}.js` } };
  manifest.files = [WASM, MAIN, "agent_datastore.d.ts", ...(entry ? ["index.js", "index.d.ts"] : [])];
  delete manifest.sideEffects;
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);

  for (const [kind, files] of [["wasm", [WASM]], ["js", entry ? [MAIN, "index.js"] : [MAIN]]]) {
    const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
    const budget = recipe.budget[kind];
    over ||= bytes > budget;
    console.log(`${target.padEnd(8)} ${kind.padEnd(5)} ${String(bytes).padStart(7)} bytes gzipped, budget ${budget}`);
  }
}
if (over) {
  console.error("error: over the size budget of wasm-pack.toml");
  process.exit(1);
}
