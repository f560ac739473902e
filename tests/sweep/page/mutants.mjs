// Storages and stores that do wrong on purpose: what looks after faults has to notice each.

const never = () => new Promise(() => {});

/** What is wrong, with what it is to be called. Each gets a store of the common calls, and gives a worse one. */
export const MUTANTS = {
  lost: (c) => ({ ...c, set: async (key, value) => key !== "b" && c.set(key, value) }),
  doubled: (c) => ({
    ...c,
    append: async (key, item) => {
      await c.append(key, item);
      if (item === 3) await c.append(key, item);
    },
  }),
  applied: (c) => ({
    ...c,
    async append(key, item) {
      await c.append(key, item);
      if (item === 2) throw new Error("told to have failed");
    },
  }),
  torn: (c) => ({
    ...c,
    async setMany([first]) {
      await c.set(...first);
      throw new Error("failed in the middle");
    },
  }),
  wrong: (c) => ({ ...c, get: async () => "something else" }),
  hung: (c) => ({ ...c, delete: (key) => (key === "b" ? never() : c.delete(key)) }),
  dead: (c) => ({
    ...c,
    async append(key, item) {
      if (item === 5) throw new Error("dead");
      return c.append(key, item);
    },
  }),
  unreadable: (c, { opened }) => {
    if (opened > 2) throw new Error("cannot be opened any more");
    return c;
  },
  uncaught: (c) => {
    Promise.reject(new Error("nobody handles this"));
    return c;
  },
  held: (c, { name }) => {
    indexedDB.open(name);
    return c;
  },
  untyped: (c) => ({
    ...c,
    async delete() {
      throw new Error("without a code");
    },
  }),
};

/** A target that is made worse. */
export function mutated(target, what) {
  let opened = 0;
  return {
    ...target,
    isTyped: what === "untyped",
    async open(name, options) {
      opened += 1;
      return MUTANTS[what](await target.open(name, options), { name, opened });
    },
  };
}

