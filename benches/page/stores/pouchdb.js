import PouchDB from "pouchdb-browser";
import IndexedDbAdapter from "pouchdb-adapter-indexeddb";

PouchDB.plugin(IndexedDbAdapter.default ?? IndexedDbAdapter);

export async function load() {}

// Every record here is new, so PouchDB is spared the reading of revisions. It has no way to choose the durability.
export async function open(name) {
  const db = new PouchDB(name, { adapter: "indexeddb", auto_compaction: true });
  await db.info();
  const rangeOf = (prefix) => ({ startkey: prefix, endkey: `${prefix}\uffff` });
  const written = (answers) => {
    const failed = answers.find((answer) => answer.error);
    if (failed) throw new Error(`PouchDB: ${failed.message}`);
  };
  return {
    set: (key, value) => db.put({ _id: key, ...value }),
    setMany: async (entries) => written(await db.bulkDocs(entries.map(([key, value]) => ({ _id: key, ...value })))),
    get: (key) => db.get(key),
    getMany: async (keys) => (await db.allDocs({ keys, include_docs: true })).rows.map((row) => row.doc),
    listKeys: async (prefix) => (await db.allDocs(rangeOf(prefix))).rows.map((row) => row.id),
    readAll: async () => (await db.allDocs({ include_docs: true })).rows.map((row) => row.doc),
    async deletePrefix(prefix) {
      const { rows } = await db.allDocs(rangeOf(prefix));
      written(await db.bulkDocs(rows.map(({ id, value }) => ({ _id: id, _rev: value.rev, _deleted: true }))));
    },
    close: () => db.close(),
  };
}
