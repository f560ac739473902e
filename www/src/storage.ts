import type { Database } from "agent-datastore";
import { button, part } from "./dom";
import { formatBytes } from "./format";
import { attempt, inform } from "./notice";
import type { Session } from "./session";

/** A browser may ask the person first, and the promise waits for an answer that may never come. */
const ANSWER_WITHIN_MS = 15_000;

type Answer = boolean | "no answer";

export async function askToPersist(storage: StorageManager, withinMs = ANSWER_WITHIN_MS): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve("no answer"), withinMs);
  });
  try {
    return await Promise.race([storage.persist(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function showUse(): Promise<void> {
  const line = part("storage-used", HTMLElement);
  const meter = part("storage-meter", HTMLMeterElement);
  const { usage, quota } = await navigator.storage.estimate();
  meter.value = usage !== undefined && quota ? usage / quota : 0;
  line.textContent =
    usage === undefined || quota === undefined
      ? "This browser does not tell how much is used."
      : `${formatBytes(usage)} of ${formatBytes(quota)} used`;
}

async function showPersistence(): Promise<void> {
  const persisted = await navigator.storage.persisted();
  part("storage-persisted", HTMLElement).textContent = persisted
    ? "Kept until you delete it."
    : "The browser may remove it when the disk is full.";
  button("storage-keep").hidden = persisted;
}

function showDatabase({ name, backend }: Database): void {
  part("storage-database", HTMLElement).textContent = name;
  part("storage-database", HTMLElement).title = name;
  part("storage-backend", HTMLElement).textContent = backend;
}

/** What the browser says of the space that is used, and whether it will keep the data. */
export function setUpStorage(session: Session): void {
  showDatabase(session.database);
  // Missing on pages that are not secure contexts, and in some embedded browsers.
  if (!("storage" in navigator)) {
    part("storage-used", HTMLElement).textContent = "This browser does not tell how much is used.";
    return;
  }
  const keep = button("storage-keep");
  keep.addEventListener("click", () =>
    attempt(async () => {
      keep.disabled = true;
      try {
        const answer = await askToPersist(navigator.storage);
        if (answer === false) inform("The browser declined. It decides by how often you come here.");
        if (answer === "no answer") inform("The browser has not answered. Perhaps it still asks you.");
        await showPersistence();
      } finally {
        keep.disabled = false;
      }
    }),
  );
  session.onMove(() => void attempt(showUse));
  session.onChange(() => void attempt(showUse));
  void attempt(showPersistence);
}
