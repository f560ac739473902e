import type { AgentDataStore, Json, JsonObject } from "agent-datastore";
import { describeError, refusesRecord } from "./errors";
import type { FolderFile, Skipped } from "./folder";
import { counted, formatBytes } from "./format";
import { parseJson } from "./json";
import { summarize } from "./summary";
import { decodeText } from "./text";

export type Mode = "repository" | "json";

const BATCH_FILES = 200;
const BATCH_BYTES = 4_000_000;
/** Larger files are data rather than text that an agent would read. */
const LARGEST_FILE = 16_000_000;

export interface Progress {
  /** Files looked at. */
  files: number;
  /** Bytes written. */
  bytes: number;
}

export interface IngestReport {
  /** Files written. */
  files: number;
  bytes: number;
  milliseconds: number;
  skipped: Skipped[];
  /** Files that were not looked at, because the import was cancelled or failed. */
  notReached: number;
  /** What ended the import early. */
  failure: string | null;
}

interface Prepared {
  path: string;
  bytes: number;
  value: Json;
  summary: Json | null;
}

/** Where a folder goes: the namespace of its values, and in the repository mode that of its summaries. */
export interface Target {
  values: AgentDataStore;
  summaries: AgentDataStore | null;
}

export function targetOf(mode: Mode, folderName: string, current: AgentDataStore): Target {
  if (mode === "json") return { values: current, summaries: null };
  return {
    values: current.useNamespace(`files:${folderName}`),
    summaries: current.useNamespace(`summary:${folderName}`),
  };
}

async function prepare(file: FolderFile, mode: Mode): Promise<Prepared | Skipped> {
  const { path } = file;
  const skip = (reason: string): Skipped => ({ path, reason });
  if (mode === "json" && !path.toLowerCase().endsWith(".json")) return skip("not a .json file");
  let bytes: Uint8Array;
  try {
    const opened = await file.open();
    if (opened.size > LARGEST_FILE) return skip(`larger than ${formatBytes(LARGEST_FILE)}`);
    bytes = new Uint8Array(await opened.arrayBuffer());
  } catch (error) {
    return skip(`cannot be read: ${describeError(error)}`);
  }
  const decoded = decodeText(bytes);
  if ("reason" in decoded) return skip(decoded.reason);
  const { text } = decoded;
  if (mode === "repository") {
    return { path, bytes: bytes.length, value: text, summary: summarize(path, text, bytes.length) };
  }
  try {
    return { path, bytes: bytes.length, value: parseJson(text), summary: null };
  } catch (error) {
    return skip(describeError(error));
  }
}

interface Outcome {
  written: Prepared[];
  refused: Skipped[];
}

/** Writes the values that the store takes. One that it refuses is found by halving the batch, and does not stop the others. */
async function writeValues(store: AgentDataStore, batch: readonly Prepared[], metadata: JsonObject, outcome: Outcome): Promise<void> {
  try {
    await store.setMany(batch.map(({ path, value }) => [path, value] as const), { metadata });
    outcome.written.push(...batch);
  } catch (error) {
    const [only] = batch;
    if (!only || !refusesRecord(error)) throw error;
    if (batch.length === 1) {
      outcome.refused.push({ path: only.path, reason: describeError(error) });
      return;
    }
    const middle = batch.length >> 1;
    await writeValues(store, batch.slice(0, middle), metadata, outcome);
    await writeValues(store, batch.slice(middle), metadata, outcome);
  }
}

async function writeSummaries(store: AgentDataStore, batch: readonly Prepared[], metadata: JsonObject): Promise<void> {
  try {
    await store.setMany(batch.map(({ path, summary }) => [path, summary] as const), { metadata });
  } catch (error) {
    throw new Error(`${describeError(error)} (the last ${counted(batch.length, "file")} are in, but not their summaries)`);
  }
}

export function batchMetadata(folderName: string): JsonObject {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0"));
  return { batch: `${new Date().toISOString()}-${random.join("")}`, source: `folder ${folderName}` };
}

/** Writes the files of a folder in batches, each batch at once, until all are in or the signal ends it. */
export async function ingest(
  files: readonly FolderFile[],
  mode: Mode,
  target: Target,
  metadata: JsonObject,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<IngestReport> {
  const started = performance.now();
  const report: IngestReport = { files: 0, bytes: 0, milliseconds: 0, skipped: [], notReached: 0, failure: null };
  let batch: Prepared[] = [];
  let batchBytes = 0;
  let looked = 0;

  const write = async (): Promise<void> => {
    if (batch.length === 0) return;
    const written: Prepared[] = [];
    try {
      await writeValues(target.values, batch, metadata, { written, refused: report.skipped });
    } finally {
      report.files += written.length;
      report.bytes += written.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    batch = [];
    batchBytes = 0;
    if (target.summaries) await writeSummaries(target.summaries, written, metadata);
  };

  try {
    for (const file of files) {
      if (signal.aborted) break;
      const prepared = await prepare(file, mode);
      if ("reason" in prepared) report.skipped.push(prepared);
      else {
        if (batchBytes + prepared.bytes > BATCH_BYTES) await write();
        batch.push(prepared);
        batchBytes += prepared.bytes;
      }
      looked += 1;
      onProgress({ files: looked, bytes: report.bytes });
      if (batch.length >= BATCH_FILES) await write();
    }
    if (!signal.aborted) await write();
  } catch (error) {
    report.failure = describeError(error);
  }
  report.notReached = files.length - report.files - report.skipped.length;
  report.milliseconds = performance.now() - started;
  return report;
}
