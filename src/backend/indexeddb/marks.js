// What an origin remembers of its databases outside of IndexedDB, so that one which the browser has lost is not taken for new.

const MARKS = "agent-datastore";
const local = () => (typeof localStorage === "undefined" ? undefined : localStorage);
const markOf = (name) => `${MARKS}:${name}`;

async function fileOf(name, options) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS, options);
  return folder.getFileHandle(encodeURIComponent(name).slice(-200), options);
}

/** The identity of the database that there was; undefined where nothing is remembered. */
export async function recall(name) {
  try {
    const mark = local()?.getItem(markOf(name));
    if (mark) return mark;
  } catch {
    // Denied: then there is nothing.
  }
  try {
    return (await (await (await fileOf(name)).getFile()).text()) || undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a database, where that is possible. */
export async function remember(name, identity) {
  try {
    // Where this says so, the file does too.
    if (local()?.getItem(markOf(name)) === identity) return;
    local()?.setItem(markOf(name), identity);
  } catch {
    // Full, or denied.
  }
  try {
    if ((await recall(name)) === identity && !local()) return;
    const writable = await (await fileOf(name, { create: true })).createWritable();
    await writable.write(identity);
    await writable.close();
  } catch {
    // Not everywhere.
  }
}

export async function forget(name) {
  try {
    local()?.removeItem(markOf(name));
  } catch {
    // As above.
  }
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS);
    await folder.removeEntry(encodeURIComponent(name).slice(-200));
  } catch {
    // As above.
  }
}
