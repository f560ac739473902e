// The page's side of SQLite: its worker is asked by message. Values are JSON text in a table with a text key.

let worker;
let last = 0;
const waiting = new Map();

function ask(operation, ...args) {
  return new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, operation, args });
  });
}

export async function load() {
  worker = new Worker(new URL("./sqlite-worker.js", import.meta.url), { type: "module" });
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(`SQLite's worker: ${event.message}`));
    waiting.clear();
  };
  worker.onmessage = ({ data: { id, result, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`SQLite: ${error}`));
  };
  await ask("load");
}

const parse = (text) => (text === undefined ? undefined : JSON.parse(text));

export async function open(name, durability) {
  await ask("open", name, durability);
  return {
    set: (key, value) => ask("set", key, JSON.stringify(value)),
    setMany: (entries) => ask("setMany", entries.map(([key, value]) => [key, JSON.stringify(value)])),
    get: async (key) => parse(await ask("get", key)),
    getMany: async (keys) => (await ask("getMany", keys)).map(parse),
    listKeys: (prefix) => ask("listKeys", prefix),
    readAll: async () => (await ask("readAll")).map(parse),
    deletePrefix: (prefix) => ask("deletePrefix", prefix),
    close: () => ask("close"),
  };
}

export const wasmBytes = () => ask("wasmBytes");
