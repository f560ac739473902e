// Bytes as values: what they come back as, where they come from, and what is said of them.
import { collect, equal, ok, rejection, rejects, same } from "./assert.mjs";

const MIB = 1024 * 1024;

/** Bytes that look like nothing else. */
function some(length, seed = 1) {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const hex = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

const bytesOf = async (value) => new Uint8Array(value instanceof Blob ? await value.arrayBuffer() : value);

function sameBytes(actual, expected, message = "bytes") {
  equal(actual.length, expected.length, `${message}: their number`);
  const place = expected.findIndex((byte, at) => byte !== actual[at]);
  equal(place, -1, `${message}: the first that differs`);
}

async function drained(stream) {
  const pieces = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytesOf(new Blob(pieces));
    pieces.push(value);
  }
}

const streamOf = (pieces) =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });

export default [
  {
    name: "bytes come back as what they were set as",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const length of [0, 1, 300_000, 5 * MIB + 3]) {
        const bytes = some(length, length + 1);
        equal(await store.set("array", bytes), undefined);
        await store.set("buffer", bytes.buffer);
        await store.set("blob", new Blob([bytes], { type: "Image/PNG" }));
        const [array, buffer, blob] = [await store.get("array"), await store.get("buffer"), await store.get("blob")];
        ok(array instanceof Uint8Array && Object.getPrototypeOf(array) === Uint8Array.prototype, "a Uint8Array");
        ok(buffer instanceof ArrayBuffer, "an ArrayBuffer");
        ok(blob instanceof Blob, "a Blob");
        equal(blob.type, "image/png");
        for (const value of [array, buffer, blob]) sameBytes(await bytesOf(value), bytes);
        array.fill(0);
        sameBytes(await store.get("array"), bytes, "what was read is the reader's own");
      }
      const shared = some(100);
      await store.set("part", shared.subarray(10, 20));
      sameBytes(await store.get("part"), shared.slice(10, 20));
      const db = await api.open();
      await db.refresh();
      if (api.backend === "indexeddb") sameBytes(await db.dataStore().get("part"), shared.slice(10, 20));
    },
  },
  {
    name: "bytes of another realm, and the classes below, are bytes",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("array", api.foreign("new Uint8Array([1, 2, 3])"));
      await store.set("buffer", api.foreign("new Uint8Array([1, 2, 3]).buffer"));
      class Mine extends Uint8Array {}
      await store.set("mine", Mine.from([1, 2, 3]));
      if (typeof File === "function") {
        await store.set("file", new File([new Uint8Array([1, 2, 3])], "name.txt", { type: "text/plain" }));
        equal((await store.get("file")).type, "text/plain");
      }
      for (const key of await store.listKeys()) sameBytes(await bytesOf(await store.get(key)), new Uint8Array([1, 2, 3]), key);
    },
  },
  {
    name: "bytes are taken at the time of the call, and calls take effect in their order",
    async run(api) {
      const store = (await api.open()).dataStore();
      const bytes = some(2 * MIB);
      const expected = bytes.slice();
      const setting = store.set("k", bytes);
      bytes.fill(0);
      await setting;
      sameBytes(await store.get("k"), expected);
      const blob = new Blob([some(5 * MIB)]);
      await Promise.all([store.set("k", blob), store.set("k", 1)]);
      equal(await store.get("k"), 1);
      await Promise.all([store.set("k", 2), store.set("k", blob)]);
      sameBytes(await bytesOf(await store.get("k")), some(5 * MIB));
      await Promise.all([store.set("k", expected), store.clear()]);
      equal(await store.get("k"), undefined);
    },
  },
  {
    name: "what else reads records gives a reference",
    async run(api) {
      const store = (await api.open()).dataStore();
      const bytes = some(1000);
      const events = store.watch("k");
      await events.next();
      await store.set("k", new Blob([bytes], { type: "a/b" }), { metadata: { name: "x" } });
      const reference = { $bytes: { sha256: await hex(bytes), size: 1000, type: "a/b", kind: "blob" } };
      same((await events.next()).value.changes[0].value, reference);
      await events.return();
      same(await store.getMany(["k"]), new Map([["k", reference]]));
      same((await store.getEntry("k")).value, reference);
      const record = await store.getRecord("k");
      same([record.value, record.metadata], [reference, { name: "x" }]);
      same((await store.list()).entries[0].value, reference);
      same(await collect(store.entries()), [["k", reference]]);
      same((await store.update("k", (value) => value)).value, reference);
      ok((await store.get("k")) instanceof Blob, "an update that gives the reference back keeps the bytes");
      await store.set("json", reference);
      same(await store.get("json"), reference, "what looks like a reference is JSON");
    },
  },
  {
    name: "streams and pieces are taken as they come",
    async run(api) {
      const store = (await api.open()).dataStore();
      const pieces = [some(10, 1), some(3 * MIB, 2), new Uint8Array(), some(2 * MIB, 3)];
      const bytes = await bytesOf(new Blob(pieces));
      async function* generator() {
        for (const piece of pieces) yield piece;
        yield pieces[0].buffer.slice(0, 0);
      }
      const progress = [];
      const onProgress = (told) => progress.push(told);
      const sources = { stream: streamOf(pieces), generator: generator(), list: pieces, blob: new Blob(pieces), array: bytes, buffer: bytes.buffer };
      for (const [name, source] of Object.entries(sources)) {
        const reference = await store.setBytes(name, source, { type: "a/b", metadata: { name }, onProgress });
        const kind = { array: "uint8array", buffer: "arraybuffer" }[name] ?? "blob";
        same(reference, { $bytes: { sha256: await hex(bytes), size: bytes.length, type: "a/b", kind } });
        sameBytes(await bytesOf(await store.get(name)), bytes, name);
        same((await store.getRecord(name)).metadata, { name });
        const last = progress.at(-1);
        same(last, { bytes: bytes.length, size: ["blob", "array", "buffer"].includes(name) ? bytes.length : null });
        progress.length = 0;
      }
      await store.setBytes("k", streamOf(pieces), { kind: "uint8array", expiresInMs: 60_000 });
      sameBytes(await store.get("k"), bytes);
      ok((await store.getRecord("k")).expiresAt, "it expires");
    },
  },
  {
    name: "bytes are read as a stream, and in parts",
    async run(api) {
      const store = (await api.open()).dataStore();
      const bytes = some(3 * MIB + 7);
      await store.set("k", bytes);
      sameBytes(await drained(await store.readBytes("k")), bytes);
      for (const [start, end] of [[0, 10], [262_143, 262_145], [MIB, 2 * MIB], [3 * MIB, undefined], [5, 5], [10, 5], [4 * MIB, 5 * MIB], [undefined, 3]]) {
        sameBytes(await drained(await store.readBytes("k", { start, end })), bytes.slice(start, Math.max(start ?? 0, end ?? bytes.length)), `${start} to ${end}`);
      }
      equal(await store.readBytes("none"), undefined);
      await store.set("json", 1);
      await rejects(() => store.readBytes("json"), "INVALID_VALUE");
      for (const options of [{ start: -1 }, { end: 1.5 }, { start: "1" }, { other: 1 }, 5]) await rejects(() => store.readBytes("k", options), "INVALID_ARGUMENT");
      await rejects(() => store.readBytes(5), "INVALID_KEY");
      const stop = new AbortController();
      const reader = (await store.readBytes("k", { signal: stop.signal })).getReader();
      ok((await reader.read()).value.length > 0);
      stop.abort();
      equal(await rejection(() => Promise.resolve(reader.read())), stop.signal.reason);
      const left = (await store.readBytes("k")).getReader();
      await left.read();
      await left.cancel();
    },
  },
  {
    name: "what is removed while it is read is an error, and never other bytes",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", some(3 * MIB));
      const reader = (await store.readBytes("k")).getReader();
      await reader.read();
      await store.set("k", some(3 * MIB, 2));
      const error = await (async () => {
        try {
          for (;;) if ((await reader.read()).done) return undefined;
        } catch (thrown) {
          return thrown;
        }
      })();
      equal(error?.code, "NOT_FOUND");
      sameBytes(await store.get("k"), some(3 * MIB, 2));
    },
  },
  {
    name: "what fails or is aborted leaves what was there",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", "before");
      const own = new RangeError("mine");
      async function* failing() {
        yield some(6 * MIB);
        throw own;
      }
      equal(await rejection(() => store.setBytes("k", failing())), own);
      const cancelled = [];
      const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(some(MIB)), cancel: (reason) => void cancelled.push(reason) }, { highWaterMark: 0 });
      const stop = new AbortController();
      const onProgress = ({ bytes }) => bytes > 5 * MIB && stop.abort();
      const reason = await rejection(() => store.setBytes("k", endless(), { signal: stop.signal, onProgress }));
      equal(reason, stop.signal.reason);
      same(cancelled, [reason]);
      const waiting = new AbortController();
      const silent = new ReadableStream({ cancel: (reason) => void cancelled.push(reason) });
      const call = store.setBytes("k", silent, { signal: waiting.signal });
      waiting.abort(own);
      equal(await rejection(() => call), own);
      equal(cancelled[1], own);
      equal(await rejection(() => store.setBytes("k", [some(1)], { signal: AbortSignal.abort(own) })), own);
      equal(await store.get("k"), "before");
      // What a listener throws is its own, and ends nothing.
      same(await store.listKeys(), ["k"]);
    },
  },
  {
    name: "what is no bytes is refused, and nothing is written",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const refused = { float: new Float64Array(1), signed: new Int8Array(1), view: new DataView(new ArrayBuffer(1)), clamped: new Uint8ClampedArray(1) };
      for (const value of Object.values(refused)) await rejects(() => store.set("k", value), "INVALID_VALUE", /^value is an instance of/);
      for (const value of [new Uint8Array(1), new ArrayBuffer(1), new Blob(["a"])]) {
        await rejects(() => store.set("k", { value }), "INVALID_VALUE", /^value\.value is an instance of/);
        await rejects(() => store.setMany({ k: value }), "INVALID_VALUE", /^items\["k"\] is an instance of/);
        await rejects(() => store.update("k", () => value), "INVALID_VALUE");
        await rejects(() => db.snapshotStore({ onError: () => {} }).save("k", value), "INVALID_VALUE");
        await rejects(() => store.set("k", value, { type: "a/b" }), "INVALID_ARGUMENT");
        await rejects(() => store.set("k", value, { metadata: { x: NaN } }), "INVALID_VALUE");
        await rejects(() => store.set(5, value), "INVALID_KEY");
      }
      for (const source of [undefined, null, 5, "text", {}, () => 1, new Float64Array(1).buffer.constructor]) {
        await rejects(() => store.setBytes("k", source), "INVALID_ARGUMENT");
      }
      for (const piece of ["text", 5, null, undefined, [1, 2], new Float64Array(1), new Blob(["a"])]) {
        await rejects(() => store.setBytes("k", [new Uint8Array(5), piece]), "INVALID_VALUE", /^a piece is/);
      }
      for (const options of [{ type: 5 }, { kind: "text" }, { signal: 5 }, { onProgress: 5 }, { other: 1 }, { expiresInMs: 0 }]) {
        await rejects(() => store.setBytes("k", new Uint8Array(1), options), "INVALID_ARGUMENT");
      }
      const locked = streamOf([]);
      locked.getReader();
      await rejects(() => store.setBytes("k", locked), "INVALID_ARGUMENT");
      const detached = new Uint8Array(8);
      structuredClone(detached.buffer, { transfer: [detached.buffer] });
      const outcome = await store.set("detached", detached).then(() => "stored", (error) => error.code);
      ok(["stored", "INVALID_VALUE"].includes(outcome), outcome);
      await rejects(() => store.set("k", detached.buffer), "INVALID_VALUE");
      await store.delete("detached");
      same(await store.listKeys(), []);
      await store.set("after", new Uint8Array(3));
      equal((await store.get("after")).length, 3);
    },
  },
  {
    name: "bytes are stored once, and gone with the last record that has them",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const entries = async () => (await db.verify()).entries;
      const bytes = some(MIB);
      await store.set("a", bytes);
      const one = await entries();
      await store.set("b", new Blob([bytes]));
      await store.useNamespace("other").set("c", bytes.buffer);
      ok((await entries()) <= one + 3, "two records, and what is said of a namespace");
      await store.delete("a");
      await store.clear();
      sameBytes(await bytesOf(await store.useNamespace("other").get("c")), bytes);
      const atomic = db.atomic({ namespace: "other" }).delete("c").set("d", 1);
      ok((await atomic.commit()).ok);
      // The record, the mark that something is declared, and two declarations.
      ok((await entries()) <= 4, `${await entries()} entries are left`);
    },
  },
  {
    name: "documents carry bytes, and bring them back",
    async run(api) {
      const store = (await api.open()).dataStore();
      const bytes = some(300_000);
      await store.set("blob", new Blob([bytes], { type: "image/png" }));
      await store.set("array", bytes);
      const text = await store.exportDocuments();
      const [array, blob] = JSON.parse(text);
      equal(blob._attachments.bytes.content_type, "image/png");
      equal(array._attachments.bytes.data.length, 400_000);
      await store.clear();
      same(await store.importDocuments(text), { imported: 2, skipped: 0 });
      sameBytes(await bytesOf(await store.get("blob")), bytes);
      ok((await store.get("array")) instanceof Uint8Array);
      equal(await store.exportDocuments(), text);
      blob._attachments.bytes.data = "AAAA";
      await rejects(() => store.importDocuments(JSON.stringify([blob])), "INVALID_DOCUMENT", /bytes/);
    },
  },
  {
    name: "a database that is closed takes no more bytes and gives none",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.set("k", some(3 * MIB));
      const reader = (await store.readBytes("k")).getReader();
      await reader.read();
      const blob = store.set("last", new Blob([some(2 * MIB)]));
      const stream = store.setBytes("never", new ReadableStream({ pull: (controller) => controller.enqueue(some(MIB)) }, { highWaterMark: 0 }));
      const closing = db.close();
      equal((await rejection(() => stream)).code, "CLOSED");
      await Promise.all([blob, closing]);
      await rejects(() => store.set("k", new Uint8Array(1)), "CLOSED");
      await rejects(() => store.readBytes("k"), "CLOSED");
      const read = async () => {
        for (;;) if ((await reader.read()).done) return;
      };
      equal((await rejection(read)).code, "CLOSED");
    },
  },
];
