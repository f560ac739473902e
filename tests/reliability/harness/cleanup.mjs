// What a driver has started or mounted goes away with it, however it ends.

const steps = new Set();

/** Has `step`, which may not wait for anything, run at the end. Returns what runs it now instead. */
export function cleanUp(step) {
  steps.add(step);
  return () => {
    if (steps.delete(step)) step();
  };
}

process.on("exit", () => {
  for (const step of [...steps].reverse()) {
    try {
      step();
    } catch (error) {
      console.error(error);
    }
  }
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
