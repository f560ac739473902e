import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

const open = async (page, name) => {
  await page.evaluate(async (name) => {
    globalThis.db = await ads.open({ name });
    globalThis.store = db.dataStore();
    /** Bytes that no compression makes fewer of, the same for the same seed. */
    globalThis.noise = (length, seed) => {
      const numbers = new Uint32Array(length / 4);
      let state = seed;
      for (let at = 0; at < numbers.length; at++) numbers[at] = state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return new Uint8Array(numbers.buffer);
    };
    globalThis.digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
  }, name);
  return page;
};

describe("bytes, and two pages", LIMIT, () => {
  test("what one sets the other reads, as it was and piece by piece, and their contents are counted together", async (context) => {
    const name = freshName();
    const [one, other] = [await open(await newPage(context), name), await open(await newPage(context), name)];
    const written = await one.evaluate(async () => {
      const bytes = noise(12_000_000, 1);
      await store.set("blob", new Blob([bytes], { type: "image/png" }));
      await store.set("same", bytes);
      return digest(bytes);
    });
    const read = await other.evaluate(async () => {
      await db.refresh();
      const blob = await store.get("blob");
      const pieces = [];
      for await (const piece of await store.readBytes("same", { start: 1_000_000, end: 5_000_000 })) pieces.push(piece);
      const part = new Uint8Array(await new Blob(pieces).arrayBuffer());
      const { value } = await store.getRecord("same");
      const whole = noise(12_000_000, 1);
      const isPart = part.length === 4_000_000 && part.every((byte, at) => byte === whole[at + 1_000_000]);
      return [blob instanceof Blob, blob.type, await digest(await blob.arrayBuffer()), pieces.length > 4, isPart, value.$bytes.size];
    });
    assert.deepEqual(read, [true, "image/png", written, true, true, 12_000_000]);
    const [entries, left] = await other.evaluate(async () => {
      const both = (await db.verify()).entries;
      await store.delete("blob");
      return [both, (await db.verify()).entries];
    });
    assert.equal(entries - left, 1, "the content stays as long as one record refers to it");
    const rest = await one.evaluate(async () => {
      await db.refresh();
      await store.delete("same");
      return (await db.verify()).entries;
    });
    assert.ok(rest < 5, `${rest} entries are left`);
  });

  test("a page that is killed in the middle of an upload leaves what was there, and the next upload is whole", async (context) => {
    const name = freshName();
    const [killed, next] = [await open(await newPage(context), name), await open(await newPage(context), name)];
    await killed.evaluate(() => store.set("k", new Uint8Array([1, 2, 3])));
    await killed.evaluate(() => {
      const pieces = (async function* () {
        for (let seed = 1; ; seed++) yield noise(2_000_000, seed);
      })();
      globalThis.progress = 0;
      store.setBytes("k", pieces, { onProgress: ({ bytes }) => (globalThis.progress = bytes) }).catch(() => {});
    });
    await killed.waitForFunction(() => progress > 20_000_000);
    await killed.close({ runBeforeUnload: false });
    const seen = await next.evaluate(async () => {
      await db.refresh();
      const before = [...(await store.get("k"))];
      const bytes = noise(9_000_000, 7);
      await store.set("k", bytes);
      return [before, (await digest(await store.get("k"))) === (await digest(bytes)), (await db.verify()).damage];
    });
    assert.deepEqual(seen, [[1, 2, 3], true, []]);
  });

  test("who reads bytes that the other page removes is told, and gets no wrong ones", async (context) => {
    const name = freshName();
    const [reader, other] = [await open(await newPage(context), name), await open(await newPage(context), name)];
    await reader.evaluate(() => store.set("k", noise(16_000_000, 3)));
    await reader.evaluate(async () => {
      globalThis.reading = (await store.readBytes("k")).getReader();
      await reading.read();
    });
    await other.evaluate(async () => {
      await db.refresh();
      await store.delete("k");
    });
    const code = await reader.evaluate(async () => {
      await db.refresh();
      try {
        while (!(await reading.read()).done);
        return "all of it";
      } catch (error) {
        return error.code;
      }
    });
    assert.equal(code, "NOT_FOUND");
  });
});
