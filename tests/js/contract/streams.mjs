import { equal, ok, rejects, same, throws } from "./assert.mjs";

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function beginning(api) {
  const db = await api.open();
  const chats = db.messageStore();
  await chats.createConversation({ id: "c" });
  return { db, chats, stream: await chats.beginMessage("c") };
}

export default [
  {
    name: "a message that is written piece by piece is there a little later, and whole at the end",
    async run(api) {
      const { chats, stream } = await beginning(api);
      same([stream.conversationId, stream.message.role, stream.message.state, stream.message.content], ["c", "assistant", "streaming", ""]);
      for (const word of ["Once ", "upon ", "a "]) equal(stream.append(word), undefined);
      equal(stream.message.content, "Once upon a ");
      const stored = async () => (await chats.getMessage("c", stream.id)).content;
      equal(await stored(), "");
      for (let waited = 0; waited < 2000 && (await stored()) === ""; waited += 20) await wait(20);
      equal(await stored(), "Once upon a ");
      stream.append("time");
      const whole = await stream.finish({ usage: { outputTokens: 4 }, metadata: { model: "m" } });
      same([whole.content, whole.state, whole.usage.outputTokens, whole.metadata], ["Once upon a time", "complete", 4, { model: "m" }]);
      same(await chats.getMessage("c", stream.id), whole);
      same(stream.message, whole);
      const chat = await chats.getConversation("c");
      same([chat.lastMessage.preview, chat.usage.outputTokens], ["Once upon a time", 4]);
    },
  },
  {
    name: "pieces may be parts",
    async run(api) {
      const { chats, stream } = await beginning(api);
      stream.append({ type: "reasoning", text: "h" });
      stream.append({ type: "reasoning", text: "m" });
      await stream.flush();
      stream.append("an");
      stream.append("swer");
      stream.append({ type: "source", url: "x" });
      const content = [{ type: "reasoning", text: "hm" }, { type: "text", text: "answer" }, { type: "source", url: "x" }];
      same((await stream.finish()).content, content);
      same((await chats.getMessage("c", stream.id)).content, content);
    },
  },
  {
    name: "a message fails or is ended, and keeps what had come",
    async run(api) {
      const { chats, stream } = await beginning(api);
      stream.append("half");
      const failed = await stream.fail(new Error("overloaded"));
      same([failed.state, failed.error, failed.content], ["failed", "overloaded", "half"]);
      const other = await chats.beginMessage("c", { siblingOf: stream.id, metadata: { n: 2 } });
      other.append("enough");
      const aborted = await other.abort({ content: "said anew" });
      same([aborted.state, aborted.error, aborted.content, aborted.siblingIndex], ["aborted", null, "said anew", 1]);
      for (const call of [() => other.finish(), () => other.fail("x"), () => other.abort()]) await rejects(call, "CLOSED");
      throws(() => other.append("more"), "CLOSED");
      await other.flush();
      same(await chats.getMessage("c", other.id), aborted);
      const odd = await chats.beginMessage("c");
      equal((await odd.fail(undefined)).error, "undefined");
    },
  },
  {
    name: "what is no piece is refused at once, and what came before stays",
    async run(api) {
      const { chats, stream } = await beginning(api);
      stream.append("a");
      for (const piece of [undefined, 5, null, [], {}, { type: "text" }, { type: "text", text: NaN }]) throws(() => stream.append(piece), "INVALID_VALUE");
      await rejects(() => stream.finish({ content: 5 }), "INVALID_VALUE");
      await rejects(() => stream.finish({ contents: "x" }), "INVALID_ARGUMENT");
      equal((await stream.finish()).content, "a");
      await rejects(() => chats.beginMessage("none"), "NOT_FOUND");
      await rejects(() => chats.beginMessage("c", { role: 1 }), "INVALID_ARGUMENT");
    },
  },
  {
    name: "a message that was deleted takes no more",
    async run(api) {
      const { chats, stream } = await beginning(api);
      await chats.deleteMessage("c", stream.id);
      stream.append("late");
      await rejects(() => stream.flush(), "NOT_FOUND");
      await rejects(() => stream.finish(), "NOT_FOUND");
      same(await chats.getConversationMessages("c"), []);
    },
  },
  {
    name: "another database sees a message grow, and sees it streaming",
    backends: ["indexeddb"],
    async run(api) {
      const { stream } = await beginning(api);
      const other = await api.open();
      stream.append("hello");
      await stream.flush();
      await other.refresh();
      const seen = await other.messageStore().getMessage("c", stream.id);
      same([seen.content, seen.state], ["hello", "streaming"]);
      await stream.finish();
      await other.refresh();
      equal((await other.messageStore().getMessage("c", stream.id)).state, "complete");
    },
  },
  {
    name: "a closed database ends a message where it is",
    async run(api) {
      const { db, stream } = await beginning(api);
      stream.append("x");
      await db.close();
      await rejects(() => stream.flush(), "CLOSED");
      await rejects(() => stream.finish(), "CLOSED");
      ok(stream.message.content === "x");
    },
  },
];
