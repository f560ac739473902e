import { median } from "./stats.mjs";

/** Gathers samples by workload, durability and store, and tells their medians. */
export class Samples {
  #lists = new Map();

  add(workload, durability, store, numbers) {
    const key = JSON.stringify([workload, durability, store]);
    this.#lists.set(key, [...(this.#lists.get(key) ?? []), ...numbers]);
  }

  /** Entries of the JSON file; `unit` is "Ms" or "Bytes". */
  results(ids, unit, rounds) {
    return [...this.#lists]
      .map(([key, numbers]) => [JSON.parse(key), numbers])
      .filter(([[workload]]) => ids.includes(workload))
      .map(([[workload, durability, store], numbers]) => ({
        workload,
        durability,
        store,
        [`median${unit}`]: rounded(median(numbers)),
        [`min${unit}`]: rounded(Math.min(...numbers)),
        [`max${unit}`]: rounded(Math.max(...numbers)),
        samples: numbers.length,
        rounds,
      }));
  }
}

const rounded = (number) => Number(number.toFixed(4));
