import { collect, equal, ok, rejection, rejects, same, throws } from "./assert.mjs";
import { directoryOf } from "./directory.mjs";

const openStore = async (api, user) => (await api.open()).messageStore({ user });
const linesOf = async (store, options) => (await collect(store.exportLines(options))).join("");

/** A conversation with all there is, and a plain one. */
async function fill(store) {
  await store.createConversation({ id: "a/b", title: "Trip é", metadata: { n: [1.5, 1e21], agent_datastore: null } });
  const first = await store.addMessage("a/b", "Where to?", { id: "q", createdAt: "2025-03-13T15:11:33.447327+05:30" });
  await store.addMessage("a/b", [{ type: "text", text: "There" }, { type: "x" }], { role: "assistant", usage: { cost: 0.25 } });
  await store.editMessage("a/b", first.id, "Where else?");
  const answer = await store.beginMessage("a/b");
  answer.append("Now");
  await answer.fail("lost");
  await store.switchBranch("a/b", first.id);
  await store.addAction("a/b", "click", { button: [] });
  await store.createConversation({ id: "plain" });
  await store.addMessage("plain", "Hello");
}

export default [
  {
    name: "exported files have the original's paths, fields and layout",
    async run(api) {
      const store = await openStore(api);
      same([...(await store.exportFiles())], [["message_store.json", '{\n  "conversation_ids": []\n}']]);
      await fill(store);
      const files = await store.exportFiles();
      ok(files instanceof Map);
      same([...files.keys()], ["message_store.json", "conversations/a%2Fb.json", "conversations/plain.json"]);
      same(JSON.parse(files.get("message_store.json")), { conversation_ids: ["a%2Fb", "plain"] });
      const text = files.get("conversations/a%2Fb.json");
      ok(/^[ -~\n]*$/.test(text) && text.includes('"Trip \\u00e9"') && text.includes("1e+21") && !text.endsWith("\n"), text);
      const record = JSON.parse(text);
      same(Object.keys(record), ["id", "title", "created_at", "metadata", "messages", "actions"]);
      same(Object.keys(record.messages[0]), ["id", "content", "role", "created_at", "metadata"]);
      same(Object.keys(record.actions[0]), ["id", "action_type", "data", "created_at", "metadata"]);
      same(record.messages.map(({ content, role }) => [content, role]), [["Where to?", "user"], ["There", "assistant"]]);
      equal(record.messages[0].created_at, "2025-03-13T09:41:33.447327");
      same([...(await store.exportFiles({ ids: new Set(["plain"]) })).keys()], ["message_store.json", "conversations/plain.json"]);
    },
  },
  {
    name: "files and lines come back as equal records, as a Map, an object, pairs, and in pieces",
    async run(api) {
      const store = await openStore(api, "u");
      await fill(store);
      const [files, lines] = [await store.exportFiles(), await linesOf(store)];
      // How often it was changed is of the store, and no part of an export.
      const views = async (of) => [(await of.getAllConversations()).map((each) => ({ ...each, revision: 0 })), await of.getConversationMessages("a/b"), await of.getSiblings("a/b", "q"), await of.getConversationActions("a/b")];
      const wanted = await views(store);
      const pieces = async function* () {
        for (let from = 0; from < lines.length; from += 7) yield lines.slice(from, from + 7);
      };
      const ways = {
        map: (to) => to.importFiles(files),
        object: (to) => to.importFiles(Object.fromEntries(files)),
        pairs: (to) => to.importFiles([...files].values()),
        text: (to) => to.importLines(lines),
        pieces: (to) => to.importLines(pieces()),
        list: (to) => to.importLines([...lines]),
      };
      for (const [user, bring] of Object.entries(ways)) {
        const other = await openStore(api, user);
        same(await bring(other), { imported: 2, skipped: 0 }, `${user}:`);
        same(await views(other), wanted, `${user}:`);
        same(await other.exportFiles(), files, `${user}:`);
        equal(await linesOf(other), lines, `${user}:`);
      }
    },
  },
  {
    name: "lines are records of JSON in an order in which they can be read",
    async run(api) {
      const store = await openStore(api);
      equal(await linesOf(store), "");
      await fill(store);
      const lines = (await linesOf(store)).trimEnd().split("\n").map((line) => JSON.parse(line));
      same(lines.map(({ type }) => type), ["conversation", "message", "message", "message", "message", "action", "conversation", "message"]);
      same(Object.keys(lines[0]), ["type", "id", "title", "createdAt", "metadata", "lastActiveAt"]);
      const [, question, answer, edited, failed] = lines;
      same([question.parentId, answer.parentId, edited.parentId, failed.parentId], [null, "q", null, edited.id]);
      same([question.active, edited.active, answer.usage.costNanos], [true, undefined, 250_000_000]);
      same([failed.state, failed.error, failed.content], ["failed", "lost", "Now"]);
      const some = await linesOf(store, { ids: ["plain"] });
      equal(some.trimEnd().split("\n").length, 2);
    },
  },
  {
    name: "an export of lines ends with its signal",
    async run(api) {
      const store = await openStore(api);
      await fill(store);
      const reason = new Error("enough");
      const error = await rejection(() => collect(store.exportLines({ signal: AbortSignal.abort(reason) })));
      equal(error, reason);
    },
  },
  {
    name: "conversations that exist are refused, skipped or replaced",
    async run(api) {
      const store = await openStore(api);
      await fill(store);
      const [files, lines] = [await store.exportFiles(), await linesOf(store)];
      await store.addMessage("plain", "more");
      await rejects(() => store.importFiles(files), "ALREADY_EXISTS");
      await rejects(() => store.importLines(lines, { existing: "refuse" }), "ALREADY_EXISTS");
      same(await store.importFiles(files, { existing: "skip" }), { imported: 0, skipped: 2 });
      equal((await store.getConversationMessages("plain")).length, 2);
      same(await store.importLines(lines, { existing: "replace" }), { imported: 2, skipped: 0 });
      equal(await linesOf(store), lines);
    },
  },
  {
    name: "what is no export is refused with its place, and changes nothing",
    async run(api) {
      const store = await openStore(api);
      await fill(store);
      const before = await linesOf(store);
      const good = ["conversations/good.json", "{}"];
      for (const [text, place] of [
        ["nonsense", /conversations\/bad\.json/],
        ['{"messages": [{"content": 5}]}', /conversations\/bad\.json: messages\[0\]: `content`/],
        ['{"created_at": "soon"}', /created_at/],
        ['{"metadata": {"__proto__": NaN}}', /NaN/],
        ["[".repeat(1_000_000), /bad\.json/],
        ['{"metadata": {"agent_datastore": {"branches": [{"at": 1e9, "content": ""}]}}}', /branches\[0\]/],
      ]) {
        await rejects(() => store.importFiles([good, ["conversations/bad.json", text]], { existing: "replace" }), "INVALID_DOCUMENT", place);
      }
      await rejects(() => store.importFiles({}), "INVALID_DOCUMENT", /message_store\.json/);
      await rejects(() => store.importLines('{"type":"conversation","id":"x"}\n{'), "INVALID_DOCUMENT", /line 2/);
      await rejects(() => store.importFiles({ [good[0]]: "\ud800" }), "INVALID_DOCUMENT");
      for (const files of [undefined, null, 5, "x", [["a"]], ["ab"], { a: 5 }, new Map([[5, "a"]]), [null]]) {
        await rejects(() => store.importFiles(files), "INVALID_ARGUMENT");
      }
      for (const lines of [undefined, null, 5, {}, [5]]) await rejects(() => store.importLines(lines), "INVALID_ARGUMENT");
      await rejects(() => store.importFiles([good], { existing: "merge" }), "INVALID_ARGUMENT", /"refuse"/);
      await rejects(() => store.importLines("", { ids: [] }), "INVALID_ARGUMENT");
      await rejects(() => store.exportFiles({ ids: "plain" }), "INVALID_ARGUMENT");
      await rejects(() => store.exportFiles({ ids: ["unknown"] }), "NOT_FOUND", /unknown/);
      throws(() => store.exportLines({ pageSize: 5 }), "INVALID_ARGUMENT");
      equal(await linesOf(store), before);
      equal({}.polluted ?? Object.getPrototypeOf({}).polluted, undefined);
    },
  },
  {
    name: "a directory takes the files and gives them back",
    async run(api) {
      const store = await openStore(api, "u");
      await fill(store);
      const directory = directoryOf();
      equal(await store.exportToDirectory(directory), undefined);
      same(new Map([...directory.files].reverse()), await store.exportFiles());
      directory.files.set("notes.txt", "x").set("conversations/a.tmp", "{").set("other/x.json", "x");
      const other = await openStore(api, "v");
      same(await other.importFromDirectory(directory), { imported: 2, skipped: 0 });
      equal(await linesOf(other), await linesOf(store));
      await rejects(() => other.importFromDirectory(directory), "ALREADY_EXISTS");
    },
  },
  {
    name: "a real directory takes the files and gives them back",
    backends: ["indexeddb"],
    async run(api) {
      const store = await openStore(api, "u");
      await fill(store);
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(api.name, { create: true });
      await store.exportToDirectory(directory, { ids: ["plain"] });
      const other = await openStore(api, "v");
      same(await other.importFromDirectory(directory), { imported: 1, skipped: 0 });
      equal(await linesOf(other), await linesOf(store, { ids: ["plain"] }));
      await root.removeEntry(api.name, { recursive: true });
    },
  },
  {
    name: "a zip archive takes the files and gives them back, as a Blob or as bytes",
    async run(api) {
      const store = await openStore(api, "u");
      const nothing = await store.exportZip();
      same(await store.importZip(nothing), { imported: 0, skipped: 0 });
      await fill(store);
      const archive = await store.exportZip();
      ok(archive instanceof Blob && archive.type === "application/zip" && archive.size > 500, `${archive}`);
      const buffer = await archive.arrayBuffer();
      const around = new Uint8Array([1, ...new Uint8Array(buffer), 2]);
      const bytes = new DataView(around.buffer, 1, buffer.byteLength);
      for (const [user, source] of Object.entries({ archive, buffer, bytes, file: new File([archive], "a.zip") })) {
        const other = await openStore(api, user);
        same(await other.importZip(source), { imported: 2, skipped: 0 }, `${user}:`);
        equal(await linesOf(other), await linesOf(store), `${user}:`);
      }
      await rejects(() => store.importZip(archive), "ALREADY_EXISTS");
      same(await store.importZip(archive, { existing: "skip" }), { imported: 0, skipped: 2 });
      const plain = await openStore(api, "plain");
      same(await plain.importZip(await store.exportZip({ ids: ["plain"] })), { imported: 1, skipped: 0 });
      await rejects(() => store.exportZip({ ids: ["unknown"] }), "NOT_FOUND", /unknown/);
    },
  },
  {
    name: "an archive that is damaged is refused, and changes nothing",
    async run(api) {
      const store = await openStore(api);
      await fill(store);
      const before = await linesOf(store);
      const whole = new Uint8Array(await (await store.exportZip()).arrayBuffer());
      const changed = (at, byte) => Object.assign(whole.slice(), { [at]: byte });
      const text = new TextDecoder("latin1").decode(whole);
      const first = text.indexOf("message_store.json") + "message_store.json".length;
      const list = text.indexOf("PK\x01\x02");
      for (const [archive, place] of [
        [new Blob([]), /no zip archive/],
        [new Blob(["PK"]), /no zip archive/],
        [whole.subarray(0, -1), /no zip archive/],
        [whole.subarray(1), /no zip archive/],
        [changed(first + 2, whole[first + 2] ^ 0x10), /message_store\.json is damaged/],
        // The list says that there is more, or less, than there is.
        [changed(list + 24, whole[list + 24] + 1), /message_store\.json is damaged/],
        [changed(list + 24, whole[list + 24] - 1), /message_store\.json is damaged/],
        [changed(list + 16, whole[list + 16] ^ 1), /message_store\.json is damaged/],
        [changed(list + 27, 0x70), undefined],
      ]) {
        const code = place ? "INVALID_DOCUMENT" : "LIMIT_EXCEEDED";
        await rejects(() => store.importZip(archive, { existing: "replace" }), code, place ?? /134217728 bytes/);
      }
      for (const source of [undefined, null, 5, "PK", {}, [80, 75]]) {
        await rejects(() => store.importZip(source), "INVALID_ARGUMENT", /Blob or bytes/);
      }
      equal(await linesOf(store), before);
    },
  },
];
