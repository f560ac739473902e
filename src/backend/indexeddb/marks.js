// What an origin remembers of its databases outside of IndexedDB, so that one which the browser has lost, or emptied, is not taken
// for new: a short text each, in localStorage and, because workers have none, in the origin's private files.

const MARKS = "agent-datastore";
const local = () => (typeof localStorage === "undefined" ? undefined : localStorage);
const keyOf = (name) => `${MARKS}:${name}`;

async function fileOf(name, options) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS, options);
  return folder.getFileHandle(encodeURIComponent(name).slice(-200), options);
}

/** What is remembered; undefined where nothing is. */
export async function recall(name) {
  try {
    const mark = local()?.getItem(keyOf(name));
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
export async function remember(name, mark) {
  try {
    // Where this says so, the file does too.
    if (local()?.getItem(keyOf(name)) === mark) return;
    local()?.setItem(keyOf(name), mark);
  } catch {
    // Full, or denied.
  }
  try {
    if ((await recall(name)) === mark && !local()) return;
    const writable = await (await fileOf(name, { create: true })).createWritable();
    await writable.write(mark);
    await writable.close();
  } catch {
    // Not everywhere.
  }
}

export async function forget(name) {
  try {
    local()?.removeItem(keyOf(name));
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
