const NAMES: ReadonlyArray<readonly [RegExp, string]> = [
  [/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/u, "marks that turn the writing direction"],
  [/[\u200B-\u200D\u2060\uFEFF\u00AD]/u, "characters of no width"],
  [/[\u{E0000}-\u{E007F}]/u, "invisible tag characters"],
  [/[\u0000-\u001F\u007F-\u009F]/u, "control characters"],
];

/** Names the kinds of character in a key that a reader cannot see; such keys can look like other keys. */
export function invisibleIn(text: string): string[] {
  return NAMES.filter(([pattern]) => pattern.test(text)).map(([, name]) => name);
}
