export type Scale = "linear" | "log";

/** How much shorter than the smallest value's bar nothing is, on a logarithmic scale: it begins at a third of it. */
const LOG_ROOM = 3;

/** The length of a bar in percent of the longest one. A bar that is there can be seen. */
export function lengthOf(value: number, values: readonly number[], scale: Scale): number {
  const longest = Math.max(...values);
  if (value <= 0 || longest <= 0) return 0;
  if (scale === "linear") return Math.max(0.4, (100 * value) / longest);
  const start = Math.min(...values.filter((one) => one > 0)) / LOG_ROOM;
  return (100 * Math.log(value / start)) / Math.log(longest / start);
}
