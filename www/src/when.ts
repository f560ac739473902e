const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_AND_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const DAY_MS = 86_400_000;

/** A time as shortly as one can tell it from others: of today the hour, of this week the day. */
export function shortTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (at.toDateString() === now.toDateString()) return TIME_OF_DAY.format(at);
  if (Math.abs(now.getTime() - at.getTime()) < 6 * DAY_MS) return WEEKDAY.format(at);
  return (at.getFullYear() === now.getFullYear() ? DAY : DAY_AND_YEAR).format(at);
}
