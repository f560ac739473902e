// What is swept. Each is loaded only in the pages that sweep it.
import { keyval } from "./keyval.mjs";

export const TARGETS = {
  "agent-datastore": async () => {
    const { load, ours } = await import("./ours.mjs");
    await load();
    return ours;
  },
  ...keyval,
};
