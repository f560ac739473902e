import type { SessionInfo } from "agent-datastore";
import { element, input, part, showText } from "../dom";
import { describeError, isStoreError } from "../errors";
import { counted, formatCount } from "../format";
import { formatCost } from "../tokens";
import { shortTime } from "../when";
import { WindowedList } from "../windowed-list";
import type { Workspace } from "./workspace";

/** As many ids are named where several begin alike. */
const MOST_NAMED = 4;

/** What a session is called where it has to be called something. */
export const nameOf = ({ title, firstPrompt }: { title?: string; firstPrompt?: string }): string => title || firstPrompt?.replace(/\s+/gu, " ").trim() || "New session";

/** The sessions by their last activity. */
export class SessionList {
  private readonly list: WindowedList<SessionInfo>;
  private found: SessionInfo[] = [];
  private drawn = "";

  /** `opened` is told that a person chose a session. */
  constructor(
    private readonly workspace: Workspace,
    opened: () => void,
  ) {
    this.list = new WindowedList<SessionInfo>(part("session-list", HTMLElement), {
      draw: drawRow,
      open: ({ id }) => {
        workspace.go({ session: id });
        opened();
      },
      isOpen: ({ id }) => id === workspace.place.session,
    });
    workspace.onMove(() => this.list.markOpen());
    this.setUpFinding(opened);
  }

  /** The sessions as they were read last. */
  get sessions(): readonly SessionInfo[] {
    return this.found;
  }

  /** Takes up what has changed. */
  show(sessions: SessionInfo[]): void {
    const state = JSON.stringify(sessions);
    this.found = sessions;
    if (state === this.drawn) return;
    this.drawn = state;
    this.list.setItems(sessions);
    showText(part("sessions-empty", HTMLElement), sessions.length > 0 ? null : "No sessions yet.");
  }

  private setUpFinding(opened: () => void): void {
    const field = input("find-id");
    const failure = part("find-error", HTMLElement);
    const say = (text: string | null): void => {
      showText(failure, text);
      field.setAttribute("aria-invalid", String(text !== null));
    };
    const find = async (): Promise<void> => {
      const prefix = field.value.trim();
      try {
        const session = await this.workspace.sessions.resolve(prefix);
        say(null);
        field.value = "";
        this.workspace.go({ session });
        opened();
      } catch (error) {
        say(await this.whyNot(prefix, error));
      }
    };
    part("find-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void find();
    });
    field.addEventListener("input", () => say(null));
  }

  private async whyNot(prefix: string, error: unknown): Promise<string> {
    if (!isStoreError(error) || !["NOT_FOUND", "INVALID_ARGUMENT"].includes(error.code)) return describeError(error);
    const ids = (await this.workspace.sessions.list()).map(({ id }) => id);
    if (ids.length === 0) return "There are no sessions yet.";
    const alike = ids.filter((id) => id.startsWith(prefix));
    if (error.code === "NOT_FOUND" || alike.length === 0) return `No session has an id that begins with “${prefix}”.`;
    const named = alike.slice(0, MOST_NAMED).join(", ");
    return `${formatCount(alike.length)} sessions have ids that begin so: ${named}${alike.length > MOST_NAMED ? ", …" : ""}. Write more of it.`;
  }
}

function drawRow(session: SessionInfo, row: HTMLElement): void {
  const { id, lastActiveAt, promptCount, usage } = session;
  row.title = id;
  row.append(
    element(
      "div",
      { class: "session-line" },
      element("bdi", { class: "session-name" }, nameOf(session)),
      element("time", { datetime: lastActiveAt, class: "muted" }, shortTime(lastActiveAt)),
    ),
    element("div", { class: "session-line muted" }, element("span", {}, counted(promptCount, "run")), element("span", {}, formatCost(usage.costUsd))),
  );
}
