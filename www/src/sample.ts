import type { Database, Json } from "agent-datastore";

interface SampleRecords {
  agent: string;
  namespace: string;
  records: Record<string, Json>;
}

const SAMPLE: readonly SampleRecords[] = [
  {
    agent: "planner",
    namespace: "default",
    records: {
      "goal": { text: "Compare three Rust HTTP clients", priority: 2, done: false },
      "plan": ["list the crates", "read their manifests", "write the comparison"],
    },
  },
  {
    agent: "fetcher",
    namespace: "cache:crates",
    records: {
      "hyper": { version: "1.6.0", licence: "MIT", features: ["client", "server", "http1", "http2"] },
      "reqwest": { version: "0.12.15", licence: "MIT OR Apache-2.0", features: ["json", "cookies", "gzip"] },
      "ureq": { version: "3.0.11", licence: "MIT OR Apache-2.0", features: ["json", "rustls"] },
    },
  },
  {
    agent: "planner",
    namespace: "shared",
    records: {
      "latest-analysis": "ureq blocks, hyper is low level, reqwest is the usual choice.\nRead cache:crates for the details.",
    },
  },
];

/** Records as two agents would leave them for each other. Resolves to how many were written. */
export async function writeSample(database: Database, user: string): Promise<number> {
  let written = 0;
  for (const { agent, namespace, records } of SAMPLE) {
    const store = database.dataStore({ user, agent, namespace });
    written += await store.setMany(records, { metadata: { source: "sample" } });
  }
  return written;
}
