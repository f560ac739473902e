/** Directories that hold what can be fetched or built again. */
export const USUALLY_IGNORED: readonly string[] = [
  ".git", ".hg", ".svn", "node_modules", "target", "dist", "build", ".venv", "__pycache__", ".cache",
];

export function parseIgnored(text: string): ReadonlySet<string> {
  return new Set(text.split(/[,\n]/u).map((name) => name.trim().replace(/\/+$/u, "")).filter((name) => name !== ""));
}

/** The outermost ignored directory on the way to `path`, or null. The file's own name is not a directory. */
export function ignoredDirectory(path: string, ignored: ReadonlySet<string>): string | null {
  const names = path.split("/");
  const at = names.slice(0, -1).findIndex((name) => ignored.has(name));
  return at === -1 ? null : names.slice(0, at + 1).join("/");
}
