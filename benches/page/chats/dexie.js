import Dexie from "dexie";

export async function open(name) {
  const db = new Dexie(name);
  db.version(1).stores({ messages: "++id, chat" });
  await db.open();
  const table = db.table("messages");
  return {
    fill: (chat, messages) => table.bulkAdd(messages.map(({ content, role }) => ({ chat, content, role, createdAt: Date.now() }))),
    append: (chat, { content, role }) => table.add({ chat, content, role, createdAt: Date.now() }),
    // The index is in the order of the ids within one chat.
    newest: async (chat, limit) =>
      (await table.where("chat").equals(chat).reverse().limit(limit).toArray()).reverse().map(({ content }) => content),
    settle: async () => {},
    search: async (_text, words, limit) => {
      const fits = ({ content }) => {
        const text = content.toLowerCase();
        return words.every((word) => text.includes(word));
      };
      return (await table.filter(fits).limit(limit).toArray()).map(({ content }) => content);
    },
    close: async () => db.close(),
  };
}
