import { FLOORS, OURS } from "./workloads.mjs";

/** A look at what was measured, as it stands in the JSON file. */
export class Results {
  constructor({ results, sizes }) {
    this.all = [
      ...results.map((entry) => ({ ...entry, value: entry.medianMs })),
      ...sizes.map((entry) => ({ ...entry, value: entry.medianBytes })),
    ];
  }

  value(workload, durability, store) {
    return this.all.find((one) => one.workload === workload && one.durability === durability && one.store === store)?.value;
  }

  ours(workload, durability = "relaxed") {
    return this.value(workload, durability, OURS);
  }

  /** The peer with the smallest value. */
  fastestPeer(workload, durability = "relaxed") {
    return this.all
      .filter((one) => one.workload === workload && one.durability === durability && one.store !== OURS)
      .sort((a, b) => a.value - b.value)[0];
  }

  /** The faster of the two ways to put everything into one record. */
  floor(durability = "relaxed") {
    const found = FLOORS.map((id) => this.fastestPeer(id, durability)?.value).filter((value) => value !== undefined);
    return found.length > 0 ? Math.min(...found) : undefined;
  }
}
