/** What bytes are set as: {@link AgentDataStore.get} gives the same back. */
export type BytesKind = "uint8array" | "arraybuffer" | "blob";

/** What stands for bytes wherever records are read as JSON: in listings, watches, records and documents. */
export interface BytesReference {
  readonly $bytes: {
    /** The SHA-256 of the bytes, as 64 lower-case hexadecimal digits. */
    readonly sha256: string;
    /** How many they are. */
    readonly size: number;
    /** Their media type, as that of a `Blob`; `""` where nobody said. */
    readonly type: string;
    readonly kind: BytesKind;
  };
}

/** Where bytes come from: a stream, pieces, or all at once. */
export type ByteSource =
  | ReadableStream<Uint8Array | ArrayBuffer>
  | AsyncIterable<Uint8Array | ArrayBuffer>
  | Iterable<Uint8Array | ArrayBuffer>
  | Uint8Array
  | ArrayBuffer
  | Blob;

/** Options of {@link AgentDataStore.setBytes}. */
export interface SetBytesOptions extends SetOptions {
  /** The media type. Default: that of a `Blob`, `""` for everything else. */
  type?: string;
  /** What they come back as. Default: as what they are given, and `"blob"` for what comes in pieces. */
  kind?: BytesKind;
  /** Ends it, as long as not all has come; what was written is removed. Rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how many bytes were taken so far, of how many, where that is known. */
  onProgress?: (progress: { readonly bytes: number; readonly size: number | null }) => void;
}

/** Options of {@link AgentDataStore.readBytes}. */
export interface ReadBytesOptions {
  /** The first byte, from 0. */
  start?: number;
  /** The end, exclusive; where they do not go so far, their end. */
  end?: number;
  /** Ends the stream. */
  signal?: AbortSignal;
}
