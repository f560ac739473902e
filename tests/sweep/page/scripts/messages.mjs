// The message store: conversations, a tree of messages, one that is streamed, actions, search, files.

import { REOPEN } from "../run.mjs";
import { bare, change, local, read } from "./step.mjs";

/** A conversation without its times. */
function told(conversation) {
  if (!conversation) return null;
  const { id, title, metadata, archived, messageCount, actionCount, revision, usage, lastMessage } = conversation;
  return { id, title, metadata, archived, messageCount, actionCount, revision, tokens: usage.outputTokens, last: lastMessage?.preview ?? null };
}

/** A message without its times, and without the id: those that the store drew differ from run to run. */
function line({ role, content, state, metadata, siblingIndex, siblingCount, usage }) {
  const rest = { role, metadata, siblingIndex, siblingCount, tokens: usage?.outputTokens ?? 0 };
  // What of an unfinished one is written already depends on the clock.
  return state === "complete" ? { ...rest, state, content } : { ...rest, state: "unfinished" };
}

async function look({ chats }) {
  const conversations = await chats.getAllConversations();
  const all = [];
  for (const each of conversations) {
    const messages = await chats.getConversationMessages(each.id);
    const actions = await chats.getConversationActions(each.id);
    all.push([told(each), messages.map(line), actions.map(({ actionType, data }) => [actionType, data])]);
  }
  const hits = await chats.search("train");
  return { all, hits: hits.map(({ content }) => content).sort() };
}

const FILES = {
  "message_store.json": JSON.stringify({ conversation_ids: ["imported"], version: "1.0" }),
  "conversations/imported.json": JSON.stringify({
    id: "imported", title: "Imported", created_at: "2026-01-01T00:00:00", metadata: {}, actions: [],
    messages: [{ id: "x", content: "an old train", role: "user", created_at: "2026-01-01T00:00:00", metadata: {} }],
  }),
};

export const messages = {
  look,
  steps: [
    change("create", async ({ chats }) => told(await chats.createConversation({ id: "c", title: "Trip" }))),
    change("add m1", async ({ chats }) => line(await chats.addMessage("c", "Which train goes to Lisbon?", { id: "m1" }))),
    [
      change("add, together", async ({ chats }) => line(await chats.addMessage("c", "one"))),
      change("add another, together", async ({ chats }) => line(await chats.addMessage("c", "two", { usage: { outputTokens: 1 } }))),
      change("create another, together", async ({ chats }) => told(await chats.createConversation({ id: "d" }))),
    ],
    change("addMessages", async ({ chats }) =>
      (await chats.addMessages("c", [{ content: "three", id: "m3" }, { content: "x".repeat(40_000) }])).map(line)),
    change("begin", async (c) => {
      const stream = await c.chats.beginMessage("c", { id: "s" });
      c.stream = stream;
      return line(stream.message);
    }),
    local("append", ({ stream }) => void stream?.append("The night ")),
    bare("flush the stream", ({ stream }) => stream?.flush()),
    local("append more", ({ stream }) => void stream?.append("train.")),
    change("update the stream", async ({ chats }) => line(await chats.updateMessage("c", "s", { metadata: { seen: true } })), {
      unless: ({ stream }) => !stream,
    }),
    change("edit", async ({ chats }) => line(await chats.editMessage("c", "m3", "three and a half"))),
    change("action", async ({ chats }) => (await chats.addAction("c", "tool", { n: 1 })).data),
    change("finish", async ({ stream }) => line(await stream.finish({ usage: { outputTokens: 4 } })), { unless: ({ stream }) => !stream }),
    read("search", async ({ chats }) => (await chats.search("night tra")).map(({ content }) => content)),
    change("switchBranch", async ({ chats }) => told(await chats.switchBranch("c", "m3"))),
    change("updateMessage", async ({ chats }) => line(await chats.updateMessage("c", "m1", { metadata: { seen: true } }))),
    change("rename", async ({ chats }) => told(await chats.renameConversation("c", "Journey"))),
    change("import", ({ chats }) => chats.importFiles(FILES)),
    read("export", async ({ chats }) => [...(await chats.exportFiles()).keys()]),
    change("delete a message", ({ chats }) => chats.deleteMessage("imported", "x")),
    change("delete a conversation", ({ chats }) => chats.deleteConversation("d")),
    bare("save", ({ chats }) => chats.save()),
    read("messages", async ({ chats }) => (await chats.getMessages("c", { limit: 3 })).messages.map(line)),
    // Where that has failed.
    change("end the stream", async ({ stream }) => void (await stream.finish()), { unless: isOver }),
    REOPEN,
    read("getConversation", async ({ chats }) => told(await chats.getConversation("c"))),
    change("add, reopened", async ({ chats }) => line(await chats.addMessage("c", "four"))),
  ],
  afterwards: [
    read("getConversation, after the fault", async ({ chats }) => (await chats.getConversation("c")) !== undefined),
    change("add, after the fault", async ({ chats }) => line(await chats.addMessage("c", "by train", { createIfMissing: true }))),
    change("create, after the fault", async ({ chats }) => told(await chats.createConversation({ id: "after" }))),
    change("begin, after the fault", async (c) => line((c.late = await c.chats.beginMessage("after", { id: "late" })).message)),
    local("append, after the fault", ({ late }) => void late?.append("another train")),
    change("finish, after the fault", async ({ late }) => line(await late.finish()), { unless: ({ late }) => !late }),
    bare("flush, after the fault", ({ db }) => db.flush()),
  ],
};

function isOver({ stream }) {
  return !stream || stream.message.state === "complete";
}
