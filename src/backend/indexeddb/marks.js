// What an origin remembers of its databases outside of IndexedDB, so that one which the browser has lost, or emptied, is not taken
// for new: a short text each, in localStorage and, because workers have none, in the origin's private files.

const MARKS = "agent-datastore";
/** How long the files may take to answer. Milliseconds. */
const PATIENCE_MS = 2_000;
const local = () => (typeof localStorage === "undefined" ? undefined : localStorage);
const keyOf = (name) => `${MARKS}:${name}`;

async function fileOf(name, options) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS, options);
  return folder.getFileHandle(encodeURIComponent(name).slice(-200), options);
}

/** What is to be in the files, and the writing of it: one after the other, or an older mark could be the last one. */
const wanted = new Map();
let writing = Promise.resolve();

/** What is remembered, in lines: after a crash it may be something else in either place. */
export async function recall(name) {
  const marks = [];
  try {
    marks.push(local()?.getItem(keyOf(name)));
  } catch {
    // Denied: then there is nothing.
  }
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([late, read(name).then((mark) => marks.push(mark))]);
  return marks.filter(Boolean).join("\n");
}

async function read(name) {
  await writing;
  try {
    return await (await (await fileOf(name)).getFile()).text();
  } catch {
    // There is none, or there are no files here.
    return undefined;
  }
}

/** Remembers a database, where that is possible. */
export function remember(name, mark) {
  try {
    // Where this says so, the file does too.
    if (local()?.getItem(keyOf(name)) === mark) return;
    local()?.setItem(keyOf(name), mark);
  } catch {
    // Full, or denied.
  }
  wanted.set(name, mark);
  writing = writing.then(() => write(name, mark));
}

async function write(name, mark) {
  if (wanted.get(name) !== mark) return;
  wanted.delete(name);
  try {
    const file = await fileOf(name, { create: true });
    if (!local() && (await (await file.getFile()).text()) === mark) return;
    const writable = await file.createWritable();
    await writable.write(mark);
    await writable.close();
  } catch {
    // Not everywhere.
  }
}

export function forget(name) {
  try {
    local()?.removeItem(keyOf(name));
  } catch {
    // As above.
  }
  wanted.delete(name);
  writing = writing.then(() => remove(name));
}

async function remove(name) {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS);
    await folder.removeEntry(encodeURIComponent(name).slice(-200));
  } catch {
    // As above.
  }
}
