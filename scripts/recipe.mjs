// Prints a value of wasm-pack.toml: node scripts/recipe.mjs tools.wasm-pack
import { readFileSync } from "node:fs";
import { parse } from "smol-toml";

const recipe = parse(readFileSync(new URL("../wasm-pack.toml", import.meta.url), "utf8"));
const path = process.argv[2] ?? "";
const value = path.split(".").reduce((table, name) => table?.[name], recipe);
if (value === undefined) {
  console.error(`wasm-pack.toml has no ${path}`);
  process.exit(1);
}
console.log(Array.isArray(value) ? value.join(" ") : String(value));
