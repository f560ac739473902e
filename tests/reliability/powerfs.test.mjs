// The disk itself: what it keeps and what it loses at a cut. Without this a test on it would prove nothing.

import assert from "node:assert/strict";
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { PowerFs, missing } from "./powerfs/powerfs.mjs";

const BLOCK = 4096;
const BLOCKS = 64;

describe("a disk whose power is cut", { skip: missing() ?? false, timeout: 120_000 }, () => {
  let folder;
  let disk;
  const at = (name) => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "agent-datastore-mount-"));
    disk = await PowerFs.create(folder);
  });
  after(async () => {
    await disk?.remove();
    await rm(folder, { recursive: true });
  });
  let count = 0;
  let name;
  beforeEach(() => {
    name = `file ${count++}`;
  });

  /** Writes one block, syncs it, and writes some more. */
  function write() {
    const file = openSync(at(name), "w");
    writeSync(file, Buffer.alloc(BLOCK, "a"));
    fsyncSync(file);
    writeSync(file, Buffer.alloc(BLOCK * BLOCKS, "b"));
    writeSync(file, Buffer.alloc(BLOCK, "c"), 0, BLOCK, 0);
    closeSync(file);
    assert.equal(readFileSync(at(name)).length, BLOCK * (BLOCKS + 1), "before the cut all is there");
  }

  /** What a file holds, a letter for each block; a point for a hole. */
  const letters = () => {
    const content = readFileSync(at(name), "latin1");
    const blocks = Array.from({ length: content.length / BLOCK }, (_, block) => content[block * BLOCK]);
    return blocks.join("").replaceAll("\0", ".");
  };

  async function cutAfter(write, options) {
    await disk.mount(options);
    write();
    const counts = await disk.cut();
    await disk.mount();
    return counts;
  }

  for (const [what, options, check] of [
    ["what was not synced is lost", {}, (kept) => assert.equal(kept, "a")],
    ["everything survives where that is asked for", { survive: "all" }, (kept) => assert.equal(kept, `c${"b".repeat(BLOCKS)}`)],
    ["nothing of a file whose syncs are ignored is left", { ignoreSync: true }, (kept) => assert.equal(kept, "")],
    [
      "some blocks survive and some do not",
      { survive: "blocks", seed: 7 },
      (kept) => {
        assert.match(kept, /^[ac][b.]+$/);
        const survivors = kept.replace(/[^b]/g, "").length;
        assert.ok(survivors > BLOCKS / 4 && survivors < (BLOCKS * 3) / 4, kept);
      },
    ],
  ]) {
    test(what, async () => {
      const counts = await cutAfter(write, options);
      assert.ok(counts.writes > 2 && counts.syncs === 1, JSON.stringify(counts));
      check(letters());
      await disk.cut();
    });
  }

  test("names are durable at once, contents only when synced", async () => {
    await cutAfter(() => {
      mkdirSync(at("folder"));
      for (const name of ["gone", "old"]) {
        const file = openSync(at(name), "w");
        writeSync(file, "content");
        fsyncSync(file);
        closeSync(file);
      }
      renameSync(at("old"), at("folder/new"));
      unlinkSync(at("gone"));
      closeSync(openSync(at("empty"), "w"));
      const file = openSync(at("folder/new"), "r+");
      ftruncateSync(file, 3);
      closeSync(file);
    });
    assert.equal(readFileSync(at("folder/new"), "utf8"), "content", "a truncation is lost, too");
    assert.equal(readFileSync(at("empty"), "utf8"), "");
    assert.equal(existsSync(at("gone")), false);
    assert.deepEqual(readdirSync(at("folder")), ["new"]);
    await disk.cut();
  });
});
