const USUAL_DELAY_MS = 35;

/** How long an agent of the demo waits after each word. */
export function wordDelay(query: string): number {
  const given = Number.parseFloat(new URLSearchParams(query).get("delay") ?? "");
  return given >= 0 ? Math.min(given, 5000) : USUAL_DELAY_MS;
}

/** Waits, but not after the signal. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Words, each with the space after it. */
export const piecesOf = (text: string): string[] => text.match(/\s*\S+\s*/gu) ?? [text];
