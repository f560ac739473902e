// As the original does it: a conversation is in memory, and each change writes all of it anew. One record a conversation.
import { openDatabase, openFloor } from "../stores/raw.js";

export async function open(name) {
  (await openDatabase(name)).close();
  const { put, get, close } = await openFloor(name, "relaxed");
  const chats = new Map();
  const said = async (chat) => (await get(chat)).messages;
  const add = (chat, messages) => {
    const conversation = chats.get(chat) ?? { id: chat, messages: [] };
    chats.set(chat, conversation);
    for (const { content, role } of messages) conversation.messages.push({ content, role, createdAt: Date.now() });
    return conversation;
  };
  return {
    // Filled in memory and written once, so that the run ends.
    fill: async (chat, messages) => void add(chat, messages),
    append: (chat, message) => put(chat, add(chat, [message])),
    newest: async (chat, limit) => (await said(chat)).slice(-limit).map(({ content }) => content),
    async settle() {
      for (const [chat, conversation] of chats) await put(chat, conversation);
    },
    async search(_text, words, limit) {
      const found = [];
      for (const chat of chats.keys()) {
        for (const { content } of await said(chat)) {
          const text = content.toLowerCase();
          if (found.length < limit && words.every((word) => text.includes(word))) found.push(content);
        }
      }
      return found;
    },
    close: async () => close(),
  };
}
