// Follows what a watch tells, and holds every event against what came before.

import { store } from "./databases.mjs";

let known;
let mistakes;

/** Begins to follow all records of a database. */
export async function follow(name) {
  [known, mistakes] = [undefined, []];
  const records = await store(name);
  let last = 0;
  const take = ({ type, version, changes }) => {
    if ((type === "state") !== !known) mistakes.push(`${type} after ${last}`);
    if (version <= last && changes.length > 0) mistakes.push(`version ${version} after ${last}`);
    last = version;
    known ??= new Map();
    for (const { key, value, oldValue } of changes) {
      if (JSON.stringify(known.get(key)) !== JSON.stringify(oldValue)) mistakes.push(`${key} was something else`);
      if (value === undefined) known.delete(key);
      else known.set(key, value);
    }
  };
  await new Promise((resolve) => {
    records.subscribe({ onError: (error) => mistakes.push(String(error)) }, (event) => resolve(take(event)));
  });
}

/** What this page knows of the records from the watch alone; undefined where it was loaded anew. */
export const followed = () => known && { mistakes, size: known.size, merged: known.get("merged"), first: known.get("slept/0"), last: known.get("slept/999") };
