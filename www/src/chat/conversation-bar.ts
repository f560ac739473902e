import { confirmed } from "../confirm";
import { button, element, input, part } from "../dom";
import { counted } from "../format";
import { attempt, inform } from "../notice";
import { formatCost } from "../tokens";
import type { ChatSession } from "./chat-session";
import { formatTokens, INPUT_PRICE, OUTPUT_PRICE } from "./usage";

/** What the open conversation is called and has used, and what can be done with it as a whole. */
export function setUpConversationBar(session: ChatSession, stop: (conversation: string) => Promise<void>, changed: () => Promise<void>): void {
  const title = part("conversation-title", HTMLElement);
  const facts = part("conversation-facts", HTMLElement);
  const dialog = part("rename", HTMLDialogElement);
  const name = input("rename-title");

  const show = (): void => {
    const { conversation, place } = session;
    part("conversation-actions", HTMLElement).hidden = conversation === null;
    facts.hidden = conversation === null;
    if (!conversation) {
      title.textContent = place.conversation === null ? "New chat" : "";
      return;
    }
    const { usage, messageCount, archived } = conversation;
    title.replaceChildren(element("bdi", {}, conversation.title));
    const parts = [counted(messageCount, "message")];
    if (usage.inputTokens + usage.outputTokens > 0) parts.push(formatTokens(usage), formatCost(usage.cost));
    facts.textContent = `${archived ? "Archived · " : ""}${parts.join(" · ")}`;
    facts.title = `Estimated: ${counted(usage.inputTokens, "token")} read, ${counted(usage.outputTokens, "token")} written, as a hosted model would charge at $${INPUT_PRICE} and $${OUTPUT_PRICE} a million. The agent here runs in this page and costs nothing.`;
    button("archive-conversation").textContent = archived ? "Unarchive" : "Archive";
  };

  button("rename-conversation").addEventListener("click", () => {
    name.value = session.conversation?.title ?? "";
    dialog.showModal();
    name.select();
  });
  button("rename-cancel").addEventListener("click", () => dialog.close());
  part("rename-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const { conversation } = session;
    dialog.close();
    if (!conversation || name.value === conversation.title) return;
    void attempt(async () => {
      await session.chats.renameConversation(conversation.id, name.value.trim());
      await changed();
    });
  });
  button("archive-conversation").addEventListener("click", () =>
    attempt(async () => {
      const { conversation } = session;
      if (!conversation) return;
      await session.chats.updateConversation(conversation.id, { archived: !conversation.archived });
      await changed();
      inform(conversation.archived ? "The conversation is back in the list." : "The conversation is archived.");
    }),
  );
  button("delete-conversation").addEventListener("click", () =>
    attempt(async () => {
      const { conversation } = session;
      if (!conversation) return;
      const { id, messageCount } = conversation;
      const text = `“${conversation.title}” with its ${counted(messageCount, "message")} will be gone.`;
      if (!(await confirmed({ title: "Delete this conversation?", text, yes: "Delete" }))) return;
      await stop(id);
      await session.chats.deleteConversation(id);
      if (session.place.conversation === id) session.replaceBy(null);
      await changed();
      inform("The conversation is deleted.");
    }),
  );
  session.onMove(show);
  session.onChange(show);
}
