import { button, part, showText } from "../dom";
import { counted, formatCount } from "../format";
import { attempt } from "../notice";
import type { SnapshotSession } from "./snapshot-session";

const SAVES = 500;
const SCOPE = "busy-agent";
const KEY = "state";

/** Watches for how long the page answers nothing. Stop it to learn the longest time, in milliseconds. */
function watchPauses(): () => number {
  let longest = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return () => {
    look();
    clearInterval(timer);
    return longest;
  };
}

const inMilliseconds = (time: number): string => `${formatCount(Math.round(time))} ms`;

/** An agent that saves its state after every step and waits for none of the saves. */
export function setUpBurst(session: SnapshotSession, changed: () => Promise<void>): void {
  const start = button("burst-start");
  const bar = part("burst-bar", HTMLProgressElement);
  const result = part("burst-result", HTMLElement);
  const link = part("burst-link", HTMLAnchorElement);
  start.textContent = `Save ${formatCount(SAVES)} times`;

  const run = async (): Promise<void> => {
    const path = [...session.place.scope, SCOPE];
    const store = session.storeAt(path);
    const messages: string[] = [];
    const saves: Promise<void>[] = [];
    let durable = 0;
    bar.max = SAVES;
    bar.value = 0;
    bar.hidden = false;
    link.hidden = true;
    result.textContent = `Saving ${formatCount(SAVES)} times…`;
    const pauses = watchPauses();
    const began = performance.now();
    for (let step = 1; step <= SAVES; step += 1) {
      messages.push(`What was said in step ${step}.`);
      const saving = store.save(KEY, { step, of: SAVES, running: step < SAVES, recent: messages.slice(-8) });
      saves.push(
        saving.then(() => {
          durable += 1;
          bar.value = durable;
        }),
      );
    }
    const given = performance.now() - began;
    const outcomes = await Promise.allSettled(saves);
    const took = performance.now() - began;
    const paused = pauses();
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    await changed();
    result.textContent = `${counted(durable, "save")} durable after ${inMilliseconds(took)}. The calls took ${inMilliseconds(given)}; the page's longest pause was ${inMilliseconds(paused)}.`;
    link.href = session.hrefOf({ scope: path, key: KEY });
    link.hidden = false;
    if (failed) throw failed.reason;
  };

  start.addEventListener("click", () =>
    attempt(async () => {
      start.disabled = true;
      try {
        await run();
      } finally {
        start.disabled = false;
      }
    }),
  );
  let shownFor = "";
  session.onMove(() => {
    const place = JSON.stringify([session.place.user, session.place.scope]);
    if (place === shownFor) return;
    shownFor = place;
    showText(result, "");
    link.hidden = true;
    bar.hidden = true;
  });
}
