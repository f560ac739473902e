import { collect, equal, ok, rejects, same, throws } from "./assert.mjs";

const said = (messages) => messages.map(({ content }) => content);

async function chatOf(api) {
  const chats = (await api.open()).messageStore();
  await chats.createConversation({ id: "c" });
  return chats;
}

export default [
  {
    name: "a message has every field, and its content comes back as it was",
    async run(api) {
      const chats = await chatOf(api);
      const hello = await chats.addMessage("c", "Hello 😀 \u0000");
      same(hello, {
        id: hello.id,
        conversationId: "c",
        role: "user",
        content: "Hello 😀 \u0000",
        createdAt: hello.createdAt,
        metadata: {},
        state: "complete",
        error: null,
        usage: null,
        parentId: null,
        siblingIndex: 0,
        siblingCount: 1,
      });
      const parts = [
        { type: "reasoning", text: "hm", signature: "s" },
        { type: "text", text: "An answer" },
        { type: "tool-call", toolCallId: "1", toolName: "add", input: { a: [1, null] } },
        { type: "tool-result", toolCallId: "1", toolName: "add", output: 3 },
        { type: "file", mediaType: "image/png", data: "AA==" },
        { type: "source", url: "https://example.org" },
        { type: "data-chart", ["__proto__x"]: 1, deep: [[{}]] },
      ];
      const usage = { inputTokens: 10, outputTokens: 20, cost: 0.0015 };
      const time = new Date("2025-03-13T15:11:33.447Z");
      const answer = await chats.addMessage("c", parts, { role: "assistant", id: "my/id", metadata: { m: 1 }, usage, createdAt: time });
      same(answer.content, parts);
      same(answer.usage, { inputTokens: 10, outputTokens: 20, cachedInputTokens: 0, reasoningTokens: 0, cost: 0.0015 });
      same([answer.id, answer.role, answer.createdAt, answer.parentId], ["my/id", "assistant", "2025-03-13T15:11:33.447000Z", hello.id]);
      same(await chats.getConversationMessages("c"), [hello, answer]);
      same(await chats.getMessage("c", "my/id"), answer);
      equal(await chats.getMessage("c", "none"), undefined);
      equal(await chats.getMessage("none", "my/id"), undefined);
      const chat = await chats.getConversation("c");
      same([chat.messageCount, chat.usage.cost, chat.lastMessage.preview], [2, 0.0015, "An answer"]);
    },
  },
  {
    name: "messages that nobody awaited keep their order, and each knows the one before",
    async run(api) {
      const chats = await chatOf(api);
      const texts = Array.from({ length: 30 }, (_, n) => `message ${n}`);
      const added = await Promise.all(texts.map((text) => chats.addMessage("c", text)));
      const found = await chats.getConversationMessages("c");
      same(found, added);
      same(said(found), texts);
      same(found.slice(1).map(({ parentId }) => parentId), found.slice(0, -1).map(({ id }) => id));
    },
  },
  {
    name: "the content is taken at the time of the call",
    async run(api) {
      const chats = await chatOf(api);
      const content = [{ type: "text", text: "before" }];
      const adding = chats.addMessage("c", content);
      content[0].text = "after";
      same((await adding).content, [{ type: "text", text: "before" }]);
    },
  },
  {
    name: "what is no content is refused and named, and nothing is written",
    async run(api) {
      const chats = await chatOf(api);
      for (const [content, named] of [
        [undefined, /^content is undefined/],
        [5, /string or a list/],
        [{ type: "text", text: "x" }, /string or a list/],
        [["x"], /^content\[0\] has to be an object/],
        [[{ type: "text", text: "a" }, { type: "text" }], /^content\[1\]\.text/],
        [[{ type: "tool-call", toolCallId: "1" }], /^content\[0\]\.toolName/],
        [[{ type: "text", text: "a", more: [NaN] }], /^content\[0\]\.more\[0\] is NaN/],
        ["\ud800", /surrogate/],
      ]) {
        await rejects(() => chats.addMessage("c", content), "INVALID_VALUE", named);
        await rejects(() => chats.addMessages("c", [{ content: "fine" }, { content }]), "INVALID_VALUE", /messages\[1\]/);
      }
      for (const [options, code] of [
        [{ role: 5 }, "INVALID_ARGUMENT"],
        [{ rolle: "user" }, "INVALID_ARGUMENT"],
        [{ metadata: "x" }, "INVALID_VALUE"],
        [{ createdAt: "yesterday" }, "INVALID_ARGUMENT"],
        [{ createdAt: new Date(NaN) }, "INVALID_ARGUMENT"],
        [{ usage: { inputTokens: -1 } }, "INVALID_ARGUMENT"],
        [{ usage: { inputTokens: 1.5 } }, "INVALID_ARGUMENT"],
        [{ usage: { cost: NaN } }, "INVALID_ARGUMENT"],
        [{ usage: { tokens: 1 } }, "INVALID_ARGUMENT"],
        [{ usage: 5 }, "INVALID_ARGUMENT"],
        [{ parentId: 5 }, "INVALID_ARGUMENT"],
        [{ parentId: "none" }, "NOT_FOUND"],
        [{ siblingOf: "none" }, "NOT_FOUND"],
      ]) {
        await rejects(() => chats.addMessage("c", "x", options), code);
      }
      for (const messages of [undefined, "text", 5, {}]) await rejects(() => chats.addMessages("c", messages), "INVALID_ARGUMENT");
      same(await chats.getConversationMessages("c"), []);
      await rejects(() => chats.addMessage("none", "x"), "NOT_FOUND", /"none"/);
      await rejects(() => chats.addMessages("none", [{ content: "x" }]), "NOT_FOUND");
      await chats.addMessage("new", "x", { createIfMissing: true });
      await chats.addMessages("newer", [{ content: "x" }], { createIfMissing: true });
      equal(await chats.countConversations(), 3);
    },
  },
  {
    name: "many messages are added at once, and an id that is taken refuses all of them",
    async run(api) {
      const chats = await chatOf(api);
      const messages = Array.from({ length: 500 }, (_, n) => ({ content: `→ ${n}\n"x"`, role: n % 2 ? "assistant" : "user", id: `m${n}` }));
      const added = await chats.addMessages("c", messages);
      same(added.map(({ content, role, id }) => ({ content, role, id })), messages);
      same(await chats.getConversationMessages("c"), added);
      await rejects(() => chats.addMessages("c", [{ content: "a" }, { content: "b", id: "m7" }]), "ALREADY_EXISTS", /m7/);
      await rejects(() => chats.addMessages("c", [{ content: "a", id: "x" }, { content: "b", id: "x" }]), "ALREADY_EXISTS");
      await rejects(() => chats.addMessage("c", "a", { id: "m7" }), "ALREADY_EXISTS");
      equal((await chats.getConversation("c")).messageCount, 500);
      same(await chats.addMessages("c", []), []);
    },
  },
  {
    name: "a conversation is read page by page, up and down, and walked",
    async run(api) {
      const chats = await chatOf(api);
      const ids = (await chats.addMessages("c", Array.from({ length: 120 }, (_, n) => ({ content: String(n) })))).map(({ id }) => id);
      const numbers = ({ messages }) => messages.map(({ content }) => Number(content));
      const newest = await chats.getMessages("c");
      same([numbers(newest).length, numbers(newest)[0], newest.isLast], [50, 70, false]);
      const up = await chats.getMessages("c", { before: ids[2] });
      same([numbers(up), up.isLast], [[0, 1], true]);
      const down = await chats.getMessages("c", { after: ids[2], limit: 2 });
      same([numbers(down), down.isLast], [[3, 4], false]);
      const start = await chats.getMessages("c", { from: "start", limit: 1 });
      same([numbers(start), start.isLast], [[0], false]);
      equal((await chats.getMessages("c", { maxBytes: 1 })).messages.length, 1);
      const all = Array.from({ length: 120 }, (_, n) => String(n));
      same(said(await collect(chats.messages("c", { pageSize: 7 }))), all);
      same(said(await collect(chats.messages("c", { order: "newest", pageSize: 7 }))), all.toReversed());
      same(said(await collect(chats.messages("c", { after: ids[117] }))), ["118", "119"]);
      same(said(await collect(chats.messages("c", { order: "newest", before: ids[2] }))), ["1", "0"]);
      await rejects(() => chats.getMessages("c", { before: "none" }), "NOT_FOUND");
      await rejects(() => chats.getMessages("none"), "NOT_FOUND");
      await rejects(() => chats.getMessages("c", { limit: 0 }), "INVALID_ARGUMENT");
      throws(() => chats.messages("c", { order: "up" }), "INVALID_ARGUMENT");
      same(await chats.getConversationMessages("none"), []);
      const controller = new AbortController();
      const walk = chats.messages("c", { signal: controller.signal });
      await walk.next();
      controller.abort();
      equal((await walk.next().catch((error) => error)).name, "AbortError");
    },
  },
  {
    name: "a page may end with the caller's count of tokens",
    async run(api) {
      const chats = await chatOf(api);
      const ids = (await chats.addMessages("c", Array.from({ length: 120 }, (_, n) => ({ content: "x".repeat(n % 10) })))).map(({ id }) => id);
      const countTokens = ({ content }) => content.length;
      const page = async (options) => {
        const { messages, isLast } = await chats.getMessages("c", { countTokens, ...options });
        return [messages.map(({ content }) => content.length), isLast];
      };
      same(await page({ maxTokens: 30 }), [[6, 7, 8, 9], false]);
      same(await page({ maxTokens: 8 }), [[], false]);
      same(await page({ maxTokens: 3, from: "start" }), [[0, 1, 2], false]);
      same(await page({ maxTokens: 100, after: ids[117] }), [[8, 9], true]);
      same(await page({ maxTokens: 100, before: ids[3], limit: 2 }), [[1, 2], false]);
      equal((await page({ maxTokens: 1_000_000 }))[0].length, 120);
      equal((await page({ limit: 120 }))[1], true);
      equal((await page({ maxTokens: 400, countTokens: async () => 4 }))[0].length, 100);
      await rejects(() => chats.getMessages("c", { maxTokens: 5, countTokens: () => "many" }), "INVALID_ARGUMENT", /countTokens/);
      await rejects(() => chats.getMessages("c", { maxTokens: 5, countTokens: 5 }), "INVALID_ARGUMENT", /countTokens/);
      await rejects(() => chats.getMessages("none", { maxTokens: 5, countTokens }), "NOT_FOUND");
    },
  },
  {
    name: "an edited message is a sibling, and the conversation goes on from it",
    async run(api) {
      const chats = await chatOf(api);
      const question = await chats.addMessage("c", "question");
      const answer = await chats.addMessage("c", "answer", { role: "assistant" });
      await chats.addMessage("c", "thanks");
      const better = await chats.editMessage("c", question.id, "better", { metadata: { edited: true } });
      same([better.role, better.parentId, better.siblingIndex, better.siblingCount], ["user", null, 1, 2]);
      same([better.metadata, said(await chats.getConversationMessages("c"))], [{ edited: true }, ["better"]]);
      const again = await chats.addMessage("c", "another", { role: "assistant", siblingOf: answer.id });
      same([again.parentId, again.siblingIndex, again.siblingCount], [question.id, 1, 2]);
      same(said(await chats.getConversationMessages("c")), ["question", "another"]);
      same(said(await chats.getSiblings("c", answer.id)), ["answer", "another"]);
      for (const cursor of [{ before: answer.id }, { after: answer.id }]) {
        await rejects(() => chats.getMessages("c", cursor), "NOT_FOUND", /active branch/);
      }
      const chat = await chats.switchBranch("c", answer.id);
      equal(chat.lastMessage.preview, "thanks");
      same(said(await chats.getConversationMessages("c")), ["question", "answer", "thanks"]);
      await chats.addMessage("c", "aside", { parentId: question.id });
      await chats.addMessage("c", "top", { parentId: null });
      same(said(await chats.getConversationMessages("c")), ["top"]);
      equal((await chats.getConversation("c")).messageCount, 7);
      await rejects(() => chats.editMessage("c", "none", "x"), "NOT_FOUND", /"none"/);
      await rejects(() => chats.switchBranch("c", "none"), "NOT_FOUND");
      await rejects(() => chats.getSiblings("c", "none"), "NOT_FOUND");
    },
  },
  {
    name: "messages are searched for in all conversations, with snippets",
    async run(api) {
      const chats = await chatOf(api);
      const { id } = await chats.addMessage("c", "We take the night train to Lisbon on Friday");
      await chats.createConversation({ id: "d", title: "京都" });
      await chats.addMessages("d", [{ content: "東京から京都まで" }, { content: [{ type: "text", text: "A TRAIN, again" }] }]);
      const [hit, ...others] = await chats.search("night tra");
      same(others, []);
      const { createdAt, score, ...rest } = hit;
      ok(score > 0 && createdAt.endsWith("Z"));
      same(rest, {
        conversationId: "c",
        conversationTitle: "Conversation c",
        messageId: id,
        role: "user",
        content: "We take the night train to Lisbon on Friday",
        snippet: [
          { text: "We take the ", match: false },
          { text: "night", match: true },
          { text: " ", match: false },
          { text: "train", match: true },
          { text: " to Lisbon on Friday", match: false },
        ],
      });
      equal((await chats.search("train")).length, 2);
      equal((await chats.search("train", { conversationId: "d" })).length, 1);
      equal((await chats.search("train", { limit: 1 })).length, 1);
      same((await chats.search("京都")).map(({ conversationTitle }) => conversationTitle), ["京都"]);
      same((await chats.search("again"))[0].content, [{ type: "text", text: "A TRAIN, again" }]);
      same([await chats.search(""), await chats.search("\"train night\"")], [[], []]);
      await chats.addMessages("e", Array.from({ length: 700 }, (_, n) => ({ content: `filler number ${n}` })), { createIfMissing: true });
      equal((await chats.search("filler", { limit: 1000 })).length, 700);
      equal((await chats.search("filler 699")).length, 1);
      equal((await chats.search("train")).length, 2);
      await rejects(() => chats.search(5), "INVALID_KEY", /the query/);
      await rejects(() => chats.search("x", { limit: 0 }), "INVALID_ARGUMENT");
      await rejects(() => chats.search("x", { max: 5 }), "INVALID_ARGUMENT");
    },
  },
  {
    name: "messages are described, and deleted alone or with what follows",
    async run(api) {
      const chats = await chatOf(api);
      const [a, b, , d] = await chats.addMessages("c", ["a", "b", "c", "d"].map((content) => ({ content, usage: { cost: 0.1 } })));
      const { revision } = await chats.getConversation("c");
      const described = await chats.updateMessage("c", b.id, { metadata: { seen: true }, usage: { cost: 0.3 } });
      equal((await chats.getConversation("c")).revision, revision + 1);
      same([described.metadata, described.usage.cost], [{ seen: true }, 0.3]);
      equal((await chats.getConversation("c")).usage.cost, 0.6, "sums are exact:");
      equal(await chats.deleteMessage("c", b.id), 1);
      same(said(await chats.getConversationMessages("c")), ["a", "c", "d"]);
      equal((await chats.getConversation("c")).usage.cost, 0.3);
      equal(await chats.deleteMessage("c", a.id, { descendants: true }), 3);
      const chat = await chats.getConversation("c");
      same([chat.messageCount, chat.usage.cost, chat.lastMessage], [0, 0, null]);
      await rejects(() => chats.deleteMessage("c", d.id), "NOT_FOUND");
      await rejects(() => chats.updateMessage("c", d.id, {}), "NOT_FOUND");
    },
  },
];
