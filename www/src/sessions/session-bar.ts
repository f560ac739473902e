import type { SessionInfo } from "agent-datastore";
import { confirmed } from "../confirm";
import { button, input, part } from "../dom";
import { counted } from "../format";
import { attempt, inform } from "../notice";
import { formatCost } from "../tokens";
import { nameOf } from "./session-list";
import type { Workspace } from "./workspace";

export interface SessionBar {
  /** Shows what the open session is called; `null` where none is open. */
  show(session: SessionInfo | null): void;
}

/** What the open session is called, and what can be done with it as a whole. */
export function setUpSessionBar(workspace: Workspace, stop: (session: string) => Promise<void>, changed: () => Promise<void>): SessionBar {
  const dialog = part("rename", HTMLDialogElement);
  const title = input("rename-title");
  let shown: SessionInfo | null = null;

  button("rename-session").addEventListener("click", () => {
    title.value = shown?.title ?? "";
    dialog.showModal();
    title.select();
  });
  button("rename-cancel").addEventListener("click", () => dialog.close());
  part("rename-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    const session = shown;
    if (!session || title.value.trim() === session.title) return;
    void attempt(async () => {
      await workspace.sessions.rename(session.id, title.value.trim());
      await changed();
    });
  });
  button("delete-session").addEventListener("click", () =>
    attempt(async () => {
      const session = shown;
      if (!session) return;
      const { sessions } = workspace;
      const text = `“${nameOf(session)}” with its ${counted(session.promptCount, "run")} and its files will be gone. Your prompts stay.`;
      if (!(await confirmed({ title: "Delete this session?", text, yes: "Delete" }))) return;
      await stop(session.id);
      await sessions.delete(session.id);
      if (workspace.place.session === session.id) workspace.replaceBy({ session: null });
      await changed();
      inform("The session is deleted.");
    }),
  );

  return {
    show: (session) => {
      shown = session;
      part("session-title", HTMLElement).textContent = session ? nameOf(session) : "";
      part("session-actions", HTMLElement).hidden = session === null;
      const facts = session ? `${counted(session.promptCount, "run")} · ${formatCost(session.usage.costUsd)} · ${session.id}` : "";
      part("session-facts", HTMLElement).textContent = facts;
    },
  };
}
