import init, { open as openDatabase } from "agent-datastore";

export async function open(name) {
  await init();
  const db = await openDatabase({ name });
  const chats = db.messageStore();
  return {
    fill: (chat, messages) => chats.addMessages(chat, messages.map(({ content, role }) => ({ content, role })), { createIfMissing: true }),
    append: (chat, { content, role }) => chats.addMessage(chat, content, { role }),
    newest: async (chat, limit) => (await chats.getMessages(chat, { limit })).messages.map(({ content }) => content),
    // Indexes what waits, if nothing else has yet.
    settle: () => chats.search("settle"),
    search: async (text, _words, limit) => (await chats.search(text, { limit })).map(({ content }) => content),
    close: () => db.close(),
  };
}
