import { equal, ok, rejects, same, throws } from "./assert.mjs";

/** A provider with no more than it needs, and a list of what was asked of it. */
function shelf(conversations = new Map()) {
  return {
    conversations,
    calls: [],
    async saveConversation(conversation) {
      this.calls.push(`save ${conversation.id}`);
      await null;
      conversations.set(conversation.id, conversation);
    },
    loadConversation: (id) => conversations.get(id),
    async listConversationIds() {
      this.calls.push("list");
      return conversations.keys();
    },
  };
}

const recordsOf = async (store) => (await store.loadStore()) ?? [];

export default [
  {
    name: "a provider is handed every conversation that changes, as a record of the original",
    async run(api) {
      const provider = shelf();
      const store = (await api.open()).messageStore({ provider });
      await store.createConversation({ id: "a/b", title: "Trip é", metadata: { n: 1.5 } });
      const question = await store.addMessage("a/b", "Where to?");
      const record = provider.conversations.get("a/b");
      same(Object.keys(record), ["id", "title", "created_at", "metadata", "messages", "actions"]);
      same([record.id, record.title, record.metadata], ["a/b", "Trip é", { n: 1.5 }]);
      same(Object.keys(record.messages[0]), ["id", "content", "role", "created_at", "metadata"]);
      await store.addAction("a/b", "click", { button: [] });
      await store.editMessage("a/b", question.id, "Where else?");
      const answer = await store.beginMessage("a/b");
      answer.append("There");
      await answer.finish();
      same(provider.calls, Array(6).fill("save a/b"));
      const kept = provider.conversations.get("a/b");
      same(kept.messages.map(({ content }) => content), ["Where else?", "There"]);
      same(kept.actions.map(({ action_type, data }) => [action_type, data]), [["click", { button: [] }]]);
      same([kept], await recordsOf(store));
      same(await store.loadConversation("a/b"), kept);
      equal(await store.loadConversation("b"), null);
      await store.deleteConversation("a/b");
      equal(await store.loadStore(), null);
      // It has no operation for that.
      same(await store.listConversationIds(), []);
      ok(provider.conversations.has("a/b"));
    },
  },
  {
    name: "another store takes from a provider what it has not, once",
    async run(api) {
      const provider = shelf();
      const db = await api.open();
      const store = db.messageStore({ user: "u", provider });
      await store.createConversation({ id: "a", title: "A" });
      await store.addMessages("a", [{ content: "one" }, { content: "two", role: "assistant" }]);
      await store.createConversation({ id: "b" });
      const other = db.messageStore({ user: "v", provider });
      await other.createConversation({ id: "b", title: "mine" });
      provider.calls.length = 0;
      await Promise.all([other.initialize(), other.initialize()]);
      await other.initialize();
      same(provider.calls, ["list"]);
      same((await other.getAllConversations()).map(({ id, title }) => [id, title]), [["b", "mine"], ["a", "A"]]);
      same(await other.getConversationMessages("a"), await store.getConversationMessages("a"));
    },
  },
  {
    name: "a provider may keep and give a whole store, with records that say little, and dates",
    async run(api) {
      const calls = [];
      const provider = {
        ...shelf(),
        initialize: () => void calls.push("initialize"),
        saveStore: async (conversations) => void calls.push(conversations.map(({ id }) => id)),
        loadStore: async () => [
          { id: "a", created_at: new Date(86_400_000), messages: [{ content: "hi" }] },
          { id: "b", messages: [{ content: "x", created_at: "2025-03-13T15:11:33" }], more: 1, actions: [{ action_type: "t", data: {} }] },
        ],
        deleteConversation: (id) => void calls.push(`delete ${id}`),
      };
      const store = (await api.open()).messageStore({ provider });
      await store.initialize();
      const [a, b] = await store.getAllConversations();
      same([a.id, a.title, a.createdAt], ["a", "Conversation a", "1970-01-02T00:00:00Z"]);
      same([b.id, b.messageCount, b.actionCount], ["b", 1, 1]);
      equal((await store.getConversationMessages("b"))[0].createdAt, "2025-03-13T15:11:33Z");
      await store.deleteConversation("a");
      await store.save();
      same(calls, ["initialize", "delete a", ["b"]]);
      const none = (await api.open({ user: "w" })).messageStore({ provider: { ...shelf(), loadStore: () => null } });
      await none.initialize();
      equal(await none.loadStore(), null);
    },
  },
  {
    name: "a store is a provider itself, in memory or not",
    async run(api) {
      const [db, memory] = [await api.open(), await api.module.open({ backend: "memory" })];
      for (const [front, back] of [[db, memory], [memory, db]]) {
        const behind = back.messageStore({ user: "behind" });
        const store = front.messageStore({ user: "front", provider: behind });
        await store.initialize();
        const { id } = await store.createConversation();
        const message = await store.addMessage(id, [{ type: "text", text: "parts" }, { type: "x", y: [] }], { usage: { cost: 0.5 } });
        await store.editMessage(id, message.id, "edited");
        same(await recordsOf(behind), await recordsOf(store));
        same(await behind.getSiblings(id, message.id), await store.getSiblings(id, message.id));
        const again = front.messageStore({ user: "again", provider: behind });
        await again.initialize();
        same(await recordsOf(again), await recordsOf(store));
        await store.deleteConversation(id);
        equal(await behind.loadStore(), null);
      }
      await memory.close();
    },
  },
  {
    name: "a provider that fails loses nothing, and its error is the cause",
    async run(api) {
      const reason = new RangeError("no room");
      const provider = shelf();
      const store = (await api.open()).messageStore({ provider });
      await store.createConversation({ id: "a" });
      const { saveConversation } = provider;
      for (const fails of [() => Promise.reject(reason), () => { throw reason; }]) {
        provider.saveConversation = fails;
        const error = await rejects(() => store.addMessage("a", "kept"), "PROVIDER", /saveConversation/);
        equal(error.cause, reason);
        await rejects(() => store.save(), "PROVIDER");
      }
      provider.saveConversation = saveConversation;
      await store.save();
      same(provider.conversations.get("a").messages.map(({ content }) => content), ["kept", "kept"]);
      for (const records of [5, [5], [null], [{ id: 5 }], [{}], [{ id: "x", metadata: { n: NaN } }], [{ id: "x", messages: [{}] }]]) {
        const wrong = (await api.open({ user: "wrong" })).messageStore({ provider: { ...provider, loadStore: () => records } });
        await rejects(() => wrong.initialize(), "PROVIDER");
        equal(await wrong.loadStore(), null);
      }
      const odd = Object.defineProperty({ ...provider }, "loadStore", { get: () => { throw reason; } });
      const other = (await api.open({ user: "odd" })).messageStore({ provider: odd });
      await other.initialize();
      same(await other.listConversationIds(), ["a"]);
      const ids = { ...provider, listConversationIds: () => [5] };
      const wrong = (await api.open({ user: "ids" })).messageStore({ provider: ids });
      await rejects(() => wrong.initialize(), "PROVIDER", /listConversationIds/);
    },
  },
  {
    name: "what is no provider and what is no record is refused",
    async run(api) {
      const db = await api.open();
      for (const provider of [null, 5, "x", {}, { ...shelf(), loadConversation: undefined }]) {
        throws(() => db.messageStore({ provider }), "INVALID_ARGUMENT", /saveConversation/);
      }
      const store = db.messageStore();
      const cycle = { id: "x" };
      cycle.metadata = cycle;
      for (const record of [undefined, null, 5, "x"]) await rejects(() => store.saveConversation(record), "INVALID_ARGUMENT");
      for (const [record, place] of [
        [cycle, /JSON/],
        [{ id: "x", metadata: { f() {} } }, /f is a function/],
        [{ id: "x", metadata: { n: Infinity } }, /n is Infinity/],
        [{ id: "x", metadata: { n: 1n } }, /n is a bigint/],
        [{ id: "x", metadata: { n: new Set([1]) } }, /n is an instance of Set/],
        [{ id: "x", metadata: { n: [undefined] } }, /0 is undefined/],
        [{}, /id/],
        [{ id: "" }, /id/],
        [{ id: "x", messages: [{ content: 5 }] }, /messages\[0\]/],
        [{ id: "x", title: "\ud800" }, /surrogate|JSON/],
      ]) {
        await rejects(() => store.saveConversation(record), "INVALID_DOCUMENT", place);
      }
      await rejects(() => store.saveStore([{ id: "a" }, { id: "a" }]), "INVALID_DOCUMENT", /twice/);
      await rejects(() => store.saveStore(5), "INVALID_ARGUMENT", /iterable/);
      equal(await store.loadStore(), null);
      await store.saveStore(new Set([{ id: "b" }, { id: "a" }]));
      same(await store.listConversationIds(), ["b", "a"]);
      await store.saveConversation({ id: "b", title: "anew" });
      same((await store.getAllConversations()).map(({ title }) => title), ["anew", "Conversation a"]);
    },
  },
  {
    name: "a provider that never answers fails after a time",
    async run(api) {
      const provider = shelf();
      const store = (await api.open()).messageStore({ provider });
      await store.createConversation({ id: "a" });
      const { setTimeout: wait } = globalThis;
      // Two minutes pass in an instant.
      globalThis.setTimeout = (run, ms, ...more) => wait(run, ms === 120_000 ? 5 : ms, ...more);
      try {
        provider.saveConversation = () => new Promise(() => {});
        const error = await rejects(() => store.addMessage("a", "kept"), "PROVIDER", /saveConversation/);
        equal(error.cause.code, "TIMEOUT");
      } finally {
        globalThis.setTimeout = wait;
      }
      equal((await store.getConversationMessages("a")).length, 1);
    },
  },
];
