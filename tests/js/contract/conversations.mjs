import { collect, equal, ok, rejects, same, throws } from "./assert.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/;
const NO_USAGE = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0, cost: 0 };

const titles = (conversations) => conversations.map(({ title }) => title);

export default [
  {
    name: "a conversation has every field, with the defaults of the original",
    async run(api) {
      const chats = (await api.open({ user: "ada" })).messageStore();
      equal(chats.user, "ada");
      await chats.initialize();
      const chat = await chats.createConversation();
      ok(UUID.test(chat.id) && TIME.test(chat.createdAt), chat.id);
      same(chat, {
        id: chat.id,
        title: `Conversation ${chat.id.slice(0, 8)}`,
        createdAt: chat.createdAt,
        lastActiveAt: chat.createdAt,
        metadata: {},
        archived: false,
        messageCount: 0,
        actionCount: 0,
        revision: 1,
        usage: NO_USAGE,
        lastMessage: null,
      });
      same(await chats.getConversation(chat.id), chat);
      equal(await chats.getConversation("none"), undefined);
      const named = await chats.createConversation({ id: "../a/b", title: "Trip", metadata: { tags: ["x"] } });
      same([named.id, named.title, named.metadata], ["../a/b", "Trip", { tags: ["x"] }]);
      equal((await chats.createConversation({ id: "12345678-9", title: null })).title, "Conversation 12345678");
      equal((await chats.createConversation({ id: "", title: "" })).title.length, 21);
    },
  },
  {
    name: "an id is taken once, unless it is to be overwritten, and then it keeps its place",
    async run(api) {
      const chats = (await api.open()).messageStore();
      for (const id of ["a", "b"]) await chats.createConversation({ id, title: id });
      await chats.addMessage("a", "hello");
      await rejects(() => chats.createConversation({ id: "a" }), "ALREADY_EXISTS", /"a"/);
      equal((await chats.getConversationMessages("a")).length, 1);
      await chats.createConversation({ id: "a", title: "anew", overwrite: true });
      same(await chats.getConversationMessages("a"), []);
      same(titles(await chats.getAllConversations()), ["anew", "b"]);
    },
  },
  {
    name: "conversations are walked by their last activity, and listed in the order of their creation",
    async run(api) {
      const chats = (await api.open()).messageStore();
      for (let n = 0; n < 7; n++) await chats.createConversation({ id: String(n), title: String(n) });
      await chats.addMessage("2", "  hello\n world ");
      same(titles(await chats.getAllConversations()), ["0", "1", "2", "3", "4", "5", "6"]);
      const walked = await collect(chats.conversations({ pageSize: 2 }));
      same(titles(walked), ["2", "6", "5", "4", "3", "1", "0"]);
      const { id, createdAt, ...last } = walked[0].lastMessage;
      same(last, { role: "user", preview: "hello world" });
      ok(UUID.test(id) && createdAt <= walked[0].lastActiveAt);
      equal(await chats.countConversations(), 7);
      const controller = new AbortController();
      const walk = chats.conversations({ signal: controller.signal });
      await walk.next();
      controller.abort(new Error("enough"));
      const reason = await walk.next().catch((error) => error);
      equal(reason.message, "enough");
    },
  },
  {
    name: "a conversation is renamed, described, put away and deleted",
    async run(api) {
      const chats = (await api.open()).messageStore();
      await chats.createConversation({ id: "a", metadata: { a: 1, b: { c: 1 } } });
      equal((await chats.renameConversation("a", "Trip")).title, "Trip");
      const changed = await chats.updateConversation("a", { metadata: { b: { d: 2 } }, archived: true });
      same([changed.title, changed.metadata, changed.archived], ["Trip", { a: 1, b: { d: 2 } }, true]);
      same([await collect(chats.conversations()), titles(await collect(chats.conversations({ archived: true })))], [[], ["Trip"]]);
      equal((await chats.updateConversation("a", { archived: false, title: "" })).title, "Conversation a");
      await rejects(() => chats.renameConversation("none", "x"), "NOT_FOUND", /"none"/);
      await rejects(() => chats.updateConversation("a", { metadata: [] }), "INVALID_VALUE");
      equal(await chats.deleteConversation("a"), true);
      equal(await chats.deleteConversation("a"), false);
      same(await chats.getAllConversations(), []);
    },
  },
  {
    name: "actions come back in their order, beside the messages",
    async run(api) {
      const chats = (await api.open()).messageStore();
      await chats.createConversation({ id: "a" });
      const click = await chats.addAction("a", "button_click", { button_id: "submit" }, { metadata: { m: 1 } });
      ok(UUID.test(click.id) && TIME.test(click.createdAt));
      same(click, {
        id: click.id,
        conversationId: "a",
        actionType: "button_click",
        data: { button_id: "submit" },
        createdAt: click.createdAt,
        metadata: { m: 1 },
      });
      await chats.addMessage("a", "after");
      const second = await chats.addAction("a", "x", {});
      same(await chats.getConversationActions("a"), [click, second]);
      same(await chats.getConversationActions("none"), []);
      equal((await chats.getConversation("a")).actionCount, 2);
      for (const data of [null, [], "x", undefined]) await rejects(() => chats.addAction("a", "x", data), "INVALID_VALUE", /^data /);
      await rejects(() => chats.addAction("none", "x", {}), "NOT_FOUND");
      await chats.addAction("new", "x", {}, { createIfMissing: true });
      equal((await chats.getConversation("new")).title, "Conversation new");
    },
  },
  {
    name: "users have conversations of their own, and a database lends its user",
    async run(api) {
      const db = await api.open({ user: "ada" });
      const [ada, bob] = [db.messageStore(), db.messageStore({ user: "bob" })];
      same([ada.user, bob.user], ["ada", "bob"]);
      await ada.createConversation({ id: "a" });
      equal(await bob.getConversation("a"), undefined);
      await rejects(() => bob.addMessage("a", "x"), "NOT_FOUND");
      await ada.save();
    },
  },
  {
    name: "bad arguments of conversations are named",
    async run(api) {
      const db = await api.open();
      const chats = db.messageStore();
      throws(() => db.messageStore({ user: 1 }), "INVALID_ARGUMENT", /user/);
      throws(() => db.messageStore({ namespace: "x" }), "INVALID_ARGUMENT", /namespace/);
      await rejects(() => chats.createConversation({ name: "x" }), "INVALID_ARGUMENT", /"name"/);
      await rejects(() => chats.createConversation("x"), "INVALID_ARGUMENT");
      await rejects(() => chats.createConversation({ id: "\ud800" }), "INVALID_KEY", /surrogate/);
      await rejects(() => chats.createConversation({ metadata: { a: [NaN] } }), "INVALID_VALUE", /^metadata\.a\[0\]/);
      await rejects(() => chats.createConversation({ metadata: 5 }), "INVALID_VALUE");
      for (const id of [undefined, null, 5, {}]) {
        await rejects(() => chats.getConversation(id), "INVALID_KEY", /conversation's id/);
        await rejects(() => chats.addMessage(id, "x"), "INVALID_KEY");
        await rejects(() => chats.getMessage("a", id), "INVALID_KEY", /message's id/);
      }
      throws(() => chats.conversations({ pageSize: 0 }), "INVALID_ARGUMENT", /pageSize/);
      same(await chats.getAllConversations(), []);
      await db.close();
      await rejects(() => chats.getConversation("a"), "CLOSED");
      await rejects(() => chats.createConversation(), "CLOSED");
    },
  },
];
