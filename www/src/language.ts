const BY_EXTENSION: Readonly<Record<string, string>> = {
  astro: "Astro", bash: "Shell", bat: "Batch", c: "C", cc: "C++", cfg: "INI", cjs: "JavaScript", clj: "Clojure",
  cpp: "C++", cs: "C#", css: "CSS", csv: "CSV", cts: "TypeScript", dart: "Dart", erl: "Erlang", ex: "Elixir",
  exs: "Elixir", fs: "F#", go: "Go", gradle: "Gradle", graphql: "GraphQL", h: "C", hpp: "C++", hs: "Haskell",
  htm: "HTML", html: "HTML", ini: "INI", java: "Java", jl: "Julia", js: "JavaScript", json: "JSON", json5: "JSON",
  jsonc: "JSON", jsonl: "JSON", jsx: "JavaScript", kt: "Kotlin", less: "Less", lock: "Lock file", lua: "Lua",
  map: "Source map", markdown: "Markdown", md: "Markdown", mdx: "Markdown", mjs: "JavaScript", ml: "OCaml",
  mts: "TypeScript", nix: "Nix", php: "PHP", pl: "Perl", proto: "Protocol Buffers", ps1: "PowerShell", py: "Python",
  pyi: "Python", r: "R", rb: "Ruby", rs: "Rust", rst: "reStructuredText", sass: "Sass", scala: "Scala", scss: "Sass",
  sh: "Shell", sql: "SQL", svelte: "Svelte", svg: "SVG", swift: "Swift", tex: "TeX", tf: "Terraform", toml: "TOML",
  ts: "TypeScript", tsv: "TSV", tsx: "TypeScript", txt: "Text", vue: "Vue", wat: "WebAssembly text",
  wit: "WebAssembly interface", xml: "XML", yaml: "YAML", yml: "YAML", zig: "Zig", zsh: "Shell",
};

const BY_NAME: Readonly<Record<string, string>> = {
  ".editorconfig": "INI",
  ".gitignore": "Ignore list",
  dockerfile: "Dockerfile",
  justfile: "Just",
  makefile: "Makefile",
  "cmakelists.txt": "CMake",
};

const BY_INTERPRETER: Readonly<Record<string, string>> = {
  bash: "Shell", bun: "JavaScript", deno: "TypeScript", node: "JavaScript", perl: "Perl", python: "Python",
  python3: "Python", ruby: "Ruby", sh: "Shell", zsh: "Shell",
};

function lookUp(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function interpreter(text: string): string | undefined {
  const words = /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(text);
  const program = words?.[1]?.split("/").at(-1);
  return program === "env" ? words?.[2] : program;
}

/** The language of a file by its name, else by its first line; `"Text"` where neither tells. */
export function languageOf(path: string, text: string): string {
  const name = (path.split("/").at(-1) ?? "").toLowerCase();
  const extension = name.includes(".") ? (name.split(".").at(-1) ?? "") : "";
  return (
    lookUp(BY_NAME, name) ?? lookUp(BY_EXTENSION, extension) ?? lookUp(BY_INTERPRETER, interpreter(text) ?? "") ?? "Text"
  );
}
