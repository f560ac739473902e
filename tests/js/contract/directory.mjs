/** A directory as the File System API has it. */
export function directoryOf(files = new Map(), prefix = "") {
  const file = (path) => ({
    kind: "file",
    getFile: async () => new File([files.get(path)], path),
    createWritable: async () => ({ write: async (text) => void files.set(path, text), close: async () => {} }),
  });
  return {
    kind: "directory",
    files,
    getDirectoryHandle: async (name) => directoryOf(files, `${prefix}${name}/`),
    getFileHandle: async (name) => file(prefix + name),
    removeEntry: async (name) => {
      if (!files.delete(prefix + name)) throw new DOMException("no such entry", "NotFoundError");
    },
    async *entries() {
      const names = new Set([...files.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)));
      for (const name of new Set([...names].map((name) => name.split("/")[0]))) {
        yield [name, names.has(name) ? file(prefix + name) : directoryOf(files, `${prefix}${name}/`)];
      }
    },
  };
}
