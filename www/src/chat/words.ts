const STOP_WORDS = new Set(
  ("a about an and any are as at be been but by can could did do does for from had has have how i if in into is it its me my not of on or " +
    "our please s say says should show so t tell than that the their them then there these they this those to us was we were what when where " +
    "which who why will with would you your").split(" "),
);

const MOST_WORDS = 12;

/** A word as it is counted: longer ones without the ending of a plural. */
export const stemOf = (word: string): string => (word.length > 4 ? word.toLowerCase().replace(/s$/u, "") : word.toLowerCase());

/** The words of a question that are worth looking for. */
export function wordsOf(question: string): string[] {
  const all = question.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  const telling = all.filter((word) => !STOP_WORDS.has(word));
  return [...new Set(telling.map(stemOf))].slice(0, MOST_WORDS);
}

/** Finds the words; short ones only where a word begins, because they stand inside too many others. */
export function patternOfWords(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((word) => (word.length < 4 ? `(?<![\\p{L}\\p{N}])${word}` : `${word}s?`)).join("|"), "giu");
}
