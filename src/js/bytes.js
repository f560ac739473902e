// Bytes, as the page sees them.
import { kindOf, makeError, mistake } from "./boundary.js";
import { report } from "./watching.js";

/** How many of them cross the boundary at once. */
const BYTES_AT_ONCE = 1024 * 1024;

/** The name of what holds bytes, also where it is of another realm. */
const nameOfBytes = (value) => {
  if (ArrayBuffer.isView(value)) return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]" ? "uint8array" : undefined;
  const name = Object.prototype.toString.call(value);
  if (name === "[object ArrayBuffer]") return "arraybuffer";
  return name === "[object Blob]" || name === "[object File]" ? "blob" : undefined;
};

/** A copy of bytes. */
function copied(value, name) {
  try {
    return new Uint8Array(name === "arraybuffer" ? ArrayBuffer.prototype.slice.call(value, 0) : value);
  } catch (cause) {
    throw makeError("INVALID_VALUE", "value holds bytes that cannot be read", false, true, cause);
  }
}

/** Bytes as this realm has them. */
function viewOf(value, name) {
  try {
    return name === "arraybuffer" ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch (cause) {
    throw makeError("INVALID_VALUE", "a piece holds bytes that cannot be read", false, true, cause);
  }
}

/** Gives the pieces of a Blob: its whole is never in memory. */
function piecesOfBlob(blob) {
  const { size } = blob;
  let at = 0;
  return async () => {
    if (at >= size) return { done: true };
    try {
      return { done: false, value: await blob.slice(at, (at += BYTES_AT_ONCE)).arrayBuffer() };
    } catch (cause) {
      throw makeError("INVALID_VALUE", "the Blob cannot be read", false, true, cause);
    }
  };
}

/** Pieces of bytes on their way in, one after the other. */
export class ByteSource {
  #pull;
  #end;
  #signal;
  #onProgress;
  #size;
  #taken = 0;
  /** What is left of a piece that is too large to cross at once. */
  #left = new Uint8Array();

  constructor(kind, mediaType, size, pull, end, { signal, onProgress } = {}) {
    Object.assign(this, { kind, mediaType: String(mediaType) });
    this.#size = size;
    this.#pull = pull;
    this.#end = end;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** The next bytes; undefined at the end. */
  async next() {
    if (this.#taken > 0 && this.#left.length === 0) this.#tell();
    this.#signal?.throwIfAborted();
    while (this.#left.length === 0) {
      const { done, value } = await this.#orAbort(this.#pull());
      if (done) return undefined;
      const name = nameOfBytes(value);
      if (name !== "uint8array" && name !== "arraybuffer") throw mistake("INVALID_VALUE", `a piece is ${kindOf(value)}; bytes come as Uint8Array or ArrayBuffer`);
      this.#left = viewOf(value, name);
    }
    const piece = this.#left.subarray(0, BYTES_AT_ONCE);
    this.#left = this.#left.subarray(piece.length);
    this.#taken += piece.length;
    return piece;
  }

  /** Nobody takes the rest. */
  cancel(reason) {
    try {
      Promise.resolve(this.#end?.(reason)).catch(() => {});
    } catch {
      // What it throws now is of no interest.
    }
  }

  #tell() {
    try {
      this.#onProgress?.({ bytes: this.#taken, size: this.#size ?? null });
    } catch (error) {
      report(error);
    }
  }

  /** Who waits for a piece does not wait any more once there is a signal to end. */
  async #orAbort(piece) {
    const signal = this.#signal;
    if (!signal) return piece;
    let abort;
    const aborted = new Promise((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort);
    });
    try {
      return await Promise.race([piece, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

/** Takes bytes at the time of the call; undefined where a value is none. */
export function bytesIn(value, { type, kind, ...options } = {}) {
  const name = nameOfBytes(value);
  if (name === undefined) return undefined;
  const given = type === undefined ? undefined : new Blob([], { type }).type;
  if (name === "blob") return new ByteSource(kind ?? name, given ?? value.type, value.size, piecesOfBlob(value), undefined, options);
  let bytes = copied(value, name);
  const pull = async () => {
    const [piece, done] = [bytes, bytes === undefined];
    bytes = undefined;
    return { done, value: piece };
  };
  return new ByteSource(kind ?? name, given ?? "", bytes.length, pull, undefined, options);
}

/** The same of what gives bytes piece by piece. */
export function bytesOfStream(source, options = {}) {
  const whole = bytesIn(source, options);
  if (whole) return whole;
  const { type = "", kind = "blob", ...others } = options;
  const mediaType = new Blob([], { type }).type;
  if (typeof source?.getReader === "function") {
    let reader;
    try {
      reader = source.getReader();
    } catch (cause) {
      throw makeError("INVALID_ARGUMENT", "the stream is read by somebody else", false, true, cause);
    }
    return new ByteSource(kind, mediaType, undefined, () => reader.read(), (reason) => reader.cancel(reason), others);
  }
  const iterate = typeof source === "string" ? undefined : (source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]);
  if (typeof iterate !== "function") throw mistake("INVALID_ARGUMENT", `bytes have to come as a stream, an iterable of pieces, a Blob or bytes, not as ${kindOf(source)}`);
  const iterator = iterate.call(source);
  return new ByteSource(kind, mediaType, undefined, async () => iterator.next(), () => iterator.return?.(), others);
}

/** Bytes on their way out, as what they were set as. */
export class ByteSink {
  #kind;
  #type;
  #bytes;
  #parts = [];
  #length = 0;

  constructor(kind, type, size) {
    this.#kind = kind;
    this.#type = type;
    if (kind === "blob") return;
    try {
      this.#bytes = new Uint8Array(size);
    } catch (cause) {
      throw makeError("LIMIT_EXCEEDED", `${size} bytes do not fit into memory; read them with readBytes`, false, false, cause);
    }
  }

  /** Takes a piece that is in memory for as long as this takes. */
  add(piece) {
    if (this.#bytes) this.#bytes.set(piece, this.#length);
    else this.#parts.push(new Blob([piece]));
    this.#length += piece.length;
  }

  get value() {
    if (!this.#bytes) return new Blob(this.#parts, { type: this.#type });
    return this.#kind === "arraybuffer" ? this.#bytes.buffer : this.#bytes;
  }
}

/** A stream of what `next` gives, until that is undefined. Nothing is read before somebody asks for it. */
export function streamOf(next, signal) {
  const source = {
    async pull(controller) {
      signal?.throwIfAborted();
      const piece = await next();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
