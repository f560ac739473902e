const COUNT = new Intl.NumberFormat("en");
const ONE_DIGIT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const formatCount = (count: number): string => COUNT.format(count);

/** `"1 key"`, `"2,000 keys"`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return bytes === 1 ? "1 byte" : `${ONE_DIGIT.format(amount)} ${units[unit]}`;
}

export const formatTime = (iso: string): string => TIME.format(new Date(iso));

/** A file name of what may be called anything. */
export function fileNameOf(name: string, ending: string): string {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/gu, "");
  return `${Array.from(safe).slice(0, 80).join("") || "export"}.${ending}`;
}
