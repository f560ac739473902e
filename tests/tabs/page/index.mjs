// What a page or a worker of these tests can do, at `globalThis.t`. `report` leaves it; whoever loads this module sets it.

export * from "./counter.mjs";
export * from "./databases.mjs";
export * from "./follower.mjs";
export * from "./sleeper.mjs";
export * from "./series.mjs";
export * from "./shared.mjs";
export * from "./workers.mjs";

/** Keeps the processor busy, so that the process of this page can be told from others. */
export function burn(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
