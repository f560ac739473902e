import { equal, ok, same } from "./assert.mjs";

/** What wasm-bindgen adds to each class; not part of the contract. */
const GENERATED = ["constructor", "free", "__destroy_into_raw", "__wrap", "Symbol.dispose"];

/** The instance members that the types declare for a class. */
function declared(types, name) {
  const body = new RegExp(`export class ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(types)?.[1];
  ok(body, `the types have no class ${name}`);
  const members = body
    .replace(/\/\*[\s\S]*?\*\//g, "")
    // Parameters may be lines of their own.
    .replace(/\([^()]*\)/g, "()")
    .split("\n")
    .map((line) => /^\s*(?:private )?(?:readonly )?(?:\[(Symbol\.\w+)\]|(\w+))\s*[<(:?]/.exec(line))
    .filter(Boolean)
    .map((match) => match[1] ?? match[2]);
  return new Set(members);
}

/** The members that a class has at run time, static ones too. */
function present(Class) {
  // The description of these symbols is not the same everywhere.
  const symbols = new Map([[Symbol.dispose, "Symbol.dispose"], [Symbol.asyncDispose, "Symbol.asyncDispose"]]);
  const label = (key) => symbols.get(key) ?? String(key);
  const own = [...Reflect.ownKeys(Class.prototype), ...Reflect.ownKeys(Class)].map(label);
  return new Set(own.filter((key) => !["length", "name", "prototype"].includes(key) || key in Class.prototype));
}

export default [
  {
    name: "every class member in the types exists at run time, and every public run-time member is in the types",
    async run(api) {
      for (const name of ["Database", "Atomic", "AgentDataStore", "MessageStore", "MessageStream", "SnapshotStore", "Sessions", "SessionStore", "RecipeStore", "IncrementalSaver", "Collector"]) {
        const inTypes = declared(api.types, name);
        const atRunTime = present(api.module[name]);
        for (const member of GENERATED) {
          inTypes.delete(member);
          atRunTime.delete(member);
        }
        same([...atRunTime].sort(), [...inTypes].sort(), `${name}:`);
      }
    },
  },
  {
    name: "open, destroy and salvage are exported, and only open makes a Database",
    async run(api) {
      const { open, destroy, salvage, Database, AgentDataStore } = api.module;
      same([open, destroy, salvage, Database, AgentDataStore].map((each) => typeof each), Array(5).fill("function"));
      const db = await api.open();
      ok(db instanceof Database);
      ok(db.dataStore() instanceof AgentDataStore);
      ok(db.dataStore().useNamespace("n") instanceof AgentDataStore);
    },
  },
  {
    name: "no name of a type is declared twice, which TypeScript would make one of",
    run(api) {
      const names = [...api.types.matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name]) => name);
      ok(names.length > 50);
      same(names.filter((name, place) => names.indexOf(name) !== place), []);
    },
  },
  {
    name: "properties cannot be assigned",
    async run(api) {
      const db = await api.open({ user: "ada" });
      const store = db.dataStore();
      for (const [object, name] of [[db, "name"], [db, "backend"], [store, "user"], [store, "agent"], [store, "namespace"]]) {
        const before = object[name];
        try {
          object[name] = "other";
        } catch {
          // A module's code is strict, so this throws; either way the value stays.
        }
        equal(object[name], before);
      }
    },
  },
];
