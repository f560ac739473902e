/** The middle of numbers; between two middles, their mean. */
export function median(numbers) {
  if (numbers.length === 0) throw new Error("there is no median of nothing");
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The list begun at another place each round, so that no store is always the first or always follows the same one's noise. */
export function rotated(list, round) {
  const start = list.length === 0 ? 0 : round % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** How often `ours` fits into `theirs`: over 1 we need less. */
export const ratio = (theirs, ours) => (theirs === undefined || ours === undefined ? undefined : theirs / ours);
