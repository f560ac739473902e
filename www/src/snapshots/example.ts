import type { Json } from "agent-datastore";
import type { SnapshotSession } from "./snapshot-session";

interface ExampleSnapshot {
  scope: string[];
  key: string;
  /** The values that it had, the oldest first. */
  values: Json[];
}

const ask = (text: string): Json => ({ role: "user", text });
const reply = (text: string): Json => ({ role: "assistant", text });

const SAID = [
  ask("Compare three Rust HTTP clients."),
  reply("I begin with the list of crates."),
  ask("Leave out what is not maintained."),
  reply("Then reqwest, hyper and ureq stay."),
];

const EXAMPLE: readonly ExampleSnapshot[] = [
  {
    scope: ["session123"],
    key: "messages",
    values: [{ messages: SAID.slice(0, 1) }, { messages: SAID.slice(0, 2) }, { messages: SAID }],
  },
  {
    scope: ["session123"],
    key: "settings",
    values: [{ model: "small", temperature: 0.2, tools: ["search"] }, { model: "large", temperature: 0.2, tools: ["search", "fetch"] }],
  },
  {
    scope: ["session123", "alice"],
    key: "agent",
    values: [
      { name: "Alice", role: "planner", step: 1, goal: "Compare three Rust HTTP clients", done: [], next: ["list the crates"] },
      { name: "Alice", role: "planner", step: 2, goal: "Compare three Rust HTTP clients", done: ["list the crates"], next: ["read their manifests"] },
      {
        name: "Alice",
        role: "planner",
        step: 3,
        goal: "Compare three maintained Rust HTTP clients",
        done: ["list the crates", "read their manifests"],
        next: ["write the comparison"],
      },
      {
        name: "Alice",
        role: "planner",
        step: 4,
        goal: "Compare three maintained Rust HTTP clients",
        done: ["list the crates", "read their manifests", "write the comparison"],
        next: [],
        result: "reqwest is the usual choice",
      },
    ],
  },
  {
    scope: ["session123", "alice"],
    key: "notes",
    values: [["hyper is low level"], ["hyper is low level", "ureq blocks"]],
  },
  {
    scope: ["session123", "bob"],
    key: "agent",
    values: [
      { name: "Bob", role: "fetcher", fetched: { hyper: "1.6.0" } },
      { name: "Bob", role: "fetcher", fetched: { hyper: "1.6.0", reqwest: "0.12.15", ureq: "3.0.11" } },
    ],
  },
  {
    scope: ["session124"],
    key: "messages",
    values: [{ messages: [ask("Which of them has the fewest dependencies?")] }],
  },
  { scope: [], key: "defaults", values: [{ model: "small", language: "en" }] },
];

/** Where one begins to look at it. */
export const EXAMPLE_PLACE = { scope: ["session123", "alice"], key: "agent" };

/** What two sessions of agents would have saved. Resolves to how many snapshots that are. */
export async function writeExample(session: SnapshotSession): Promise<number> {
  const saves = EXAMPLE.flatMap(({ scope, key, values }) => {
    const store = session.storeAt(scope);
    return values.map((value) => store.save(key, value));
  });
  await Promise.all(saves);
  return EXAMPLE.length;
}
