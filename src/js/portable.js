// What has to happen to exported and imported files on the JavaScript side of the boundary.
import { bound, eachItem, importTextOf, kindOf, mistake, MAX_BATCH_BYTES } from "./boundary.js";

const FOLDER = "conversations";

/** The texts of an import: of files their paths and texts by turns, of lines one text, whatever pieces it comes in. */
export async function gathered(source, kind) {
  if (kind === "lines") return [await textOf(source)];
  return filesOf(kind === "files" ? source : await readFrom(source));
}

/** Files are given as an object, a Map or an iterable of pairs. */
function filesOf(files) {
  const flat = [];
  let total = 0;
  eachItem(files, "files", (path, text) => {
    flat.push(importTextOf(path, "paths"), importTextOf(text, "the texts of files"));
    bound("files", (total += path.length + text.length), MAX_BATCH_BYTES);
  });
  return flat;
}

async function textOf(source) {
  if (typeof source === "string" || !(source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator])) {
    return importTextOf(source, "lines");
  }
  let text = "";
  for await (const piece of source) {
    if (typeof piece !== "string") throw mistake("INVALID_ARGUMENT", `lines have to be strings, not ${kindOf(piece)}`);
    bound("the text", (text += piece).length, MAX_BATCH_BYTES);
  }
  return importTextOf(text, "lines");
}

/** Writes files below a directory, the index as the last one. */
export async function writeTo(directory, files) {
  for (const [path, text] of [...files].reverse()) {
    const names = path.split("/");
    const folder = names.length > 1 ? await directory.getDirectoryHandle(names[0], { create: true }) : directory;
    const writable = await (await folder.getFileHandle(names.at(-1), { create: true })).createWritable();
    await writable.write(text);
    await writable.close();
  }
}

/** The files of a store below a directory. */
async function readFrom(directory) {
  const files = [];
  let total = 0;
  const add = async (folder, prefix) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === "file" && name.endsWith(".json")) {
        const file = await handle.getFile();
        bound("the directory", (total += file.size), MAX_BATCH_BYTES);
        files.push([prefix + name, await file.text()]);
      } else if (handle.kind === "directory" && name === FOLDER && !prefix) {
        await add(handle, `${name}/`);
      }
    }
  };
  await add(directory, "");
  return files;
}
