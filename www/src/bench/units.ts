const digits = (value: number): number => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const number = (value: number, places: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });

/** Milliseconds, or MiB of bytes, without the unit. */
export function amount(value: number, unit: "ms" | "bytes"): string {
  const shown = unit === "ms" ? value : value / 2 ** 20;
  return number(shown, digits(shown));
}

export const withUnit = (value: number, unit: "ms" | "bytes"): string => `${amount(value, unit)} ${unit === "ms" ? "ms" : "MiB"}`;

/** `"12.5×"` */
export const factor = (value: number): string => `${number(value, digits(value))}×`;
