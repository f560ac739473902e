// The contract that JavaScript sees, as a list of cases that run in Node and in a page alike.

import access from "./access.mjs";
import atomic from "./atomic.mjs";
import bytes from "./bytes.mjs";
import closing from "./closing.mjs";
import conversations from "./conversations.mjs";
import documents from "./documents.mjs";
import entries from "./entries.mjs";
import expiry from "./expiry.mjs";
import finding from "./finding.mjs";
import instance from "./instance.mjs";
import keys from "./keys.mjs";
import listing from "./listing.mjs";
import messages from "./messages.mjs";
import options from "./options.mjs";
import portable from "./portable.mjs";
import providers from "./providers.mjs";
import reading from "./reading.mjs";
import refusals from "./refusals.mjs";
import safety from "./safety.mjs";
import sharing from "./sharing.mjs";
import sessionFiles from "./session-files.mjs";
import sessionWays from "./session-ways.mjs";
import sessions from "./sessions.mjs";
import snapshots from "./snapshots.mjs";
import streams from "./streams.mjs";
import surface from "./surface.mjs";
import values from "./values.mjs";
import watching from "./watching.mjs";
import writing from "./writing.mjs";

const groups = {
  reading,
  writing,
  values,
  refusals,
  keys,
  options,
  atomic,
  watching,
  expiry,
  bytes,
  finding,
  entries,
  listing,
  documents,
  access,
  conversations,
  messages,
  streams,
  snapshots,
  sessions,
  "the way back of sessions": sessionWays,
  "files of sessions": sessionFiles,
  portable,
  providers,
  sharing,
  safety,
  closing,
  instance,
  surface,
};

/**
 * The cases of a backend: `{ group, name, run(api) }`, where `api` is what `runCase` gives.
 *
 * @param {"memory" | "indexeddb"} backend
 */
export const casesOf = (backend) =>
  Object.entries(groups).flatMap(([group, cases]) =>
    cases.filter((each) => each.backends?.includes(backend) ?? true).map((each) => ({ group, ...each })),
  );

/**
 * Runs one case on a database of its own, and closes what the case opened.
 *
 * @param {{ module: object, types: string, backend: string, foreign(source: string): unknown }} environment
 * `foreign` evaluates an expression in another realm.
 */
export async function runCase(environment, name) {
  const databases = [];
  const database = `case ${crypto.randomUUID()}`;
  const api = {
    ...environment,
    name: database,
    async open(options) {
      const db = await environment.module.open({ name: database, backend: environment.backend, ...options });
      databases.push(db);
      return db;
    },
  };
  const [wanted, ...others] = casesOf(environment.backend).filter((each) => each.name === name);
  if (!wanted || others.length > 0) throw new Error(`there has to be exactly one case ${JSON.stringify(name)}`);
  try {
    await wanted.run(api);
  } finally {
    await Promise.all(databases.map((db) => db.close()));
  }
  if (environment.backend === "indexeddb") await environment.module.destroy(database);
}
