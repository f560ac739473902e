import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

/** A session with two runs, each of which wrote a file. */
const begin = (page, name) =>
  page.evaluate(async (name) => {
    globalThis.session = (await ads.open({ name })).sessions().open("s");
    for (const n of [0, 1]) {
      const answers = [{ modelId: "m", text: `answer ${n}` }];
      const historyLengths = await session.appendHistories(["m"], answers, `prompt ${n}`);
      await session.persistRunState(`prompt ${n}`, answers);
      await session.pushRewindEntry({ historyLengths, prompt: `prompt ${n}` });
      await session.applyWrites([{ path: "a", content: `after ${n}` }, { path: `b${n}`, content: "new" }]);
    }
  }, name);

/** What another page finds. */
const found = (page, name) =>
  page.evaluate(async (name) => {
    const db = await ads.open({ name });
    const session = db.sessions().open("s");
    const { runs } = await session.metadata();
    const state = {
      marks: runs.map(({ type = "run", note = "" }) => `${type} ${note}`.trim()),
      turns: (await session.histories())?.m.length ?? 0,
      steps: await session.rewindStackLen(),
      redos: await session.redoStackLen(),
      files: await Promise.all((await session.listFiles()).map(async (path) => [path, await session.readFile(path)])),
    };
    await db.close();
    return state;
  }, name);

const BEFORE = { marks: ["run", "run"], turns: 4, steps: 2, redos: 0, files: [["/a", "after 1"], ["/b0", "new"], ["/b1", "new"]] };
const AFTER = { marks: ["run", "run [rewound]", "rewind"], turns: 2, steps: 1, redos: 1, files: [["/a", "after 0"], ["/b0", "new"]] };

async function crash(page) {
  const crashed = page.waitForEvent("crash");
  page.goto("chrome://crash").catch(() => {});
  await crashed;
  await page.close();
}

describe("sessions", LIMIT, () => {
  test("a page that is killed at any time of a rewind leaves the state before or after", async (context) => {
    const reader = await newPage(context);
    const seen = new Set();
    // At once, and later and later, until it was over before the page was.
    for (let delay = 0; delay < 24; delay++) {
      const page = await newPage(context);
      const name = freshName();
      await begin(page, name);
      const crashed = page.waitForEvent("crash");
      page
        .evaluate(async (delay) => {
          session.rewind();
          // Turns of the event loop, and then milliseconds.
          for (let turn = 0; turn < Math.min(delay, 8); turn++) await null;
          if (delay > 8) await new Promise((resolve) => setTimeout(resolve, (delay - 8) / 2));
        }, delay)
        .catch(() => {});
      if (delay > 8) await page.waitForTimeout(delay - 8).catch(() => {});
      page.goto("chrome://crash").catch(() => {});
      await crashed;
      await page.close();
      const state = await found(reader, name);
      assert.deepEqual(state, state.redos === 0 ? BEFORE : AFTER, `after ${delay}`);
      seen.add(state.redos);
    }
    assert.ok(seen.has(1), "a rewind that had its time is done");
  });

  test("a page that is killed within the transaction of a rewind leaves the state before", async (context) => {
    const [reader, page] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await begin(page, name);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          IDBTransaction.prototype.commit = function () {
            // All is written and nothing is committed: one read after the other keeps the transaction open.
            const store = this.objectStore(this.objectStoreNames[0]);
            const goOn = () => void (store.count().onsuccess = goOn);
            goOn();
            setTimeout(resolve, 50);
          };
          session.rewind();
        }),
    );
    await crash(page);
    assert.deepEqual(await found(reader, name), BEFORE);
  });

  test("a page that is killed while a caller's files are put back leaves the step, and it can be taken again", async (context) => {
    const reader = await newPage(context);
    for (const steps of [0, 1, 2, 3]) {
      const page = await newPage(context);
      const name = freshName();
      await begin(page, name);
      await page.evaluate(
        (steps) =>
          new Promise((resolve) => {
            let left = steps;
            // The next operation never ends.
            const step = () => (left-- > 0 ? undefined : new Promise(() => resolve()));
            session.rewind({ files: { read: () => step(), write: () => step(), remove: () => step() } });
          }),
        steps,
      );
      await crash(page);
      assert.deepEqual(await found(reader, name), BEFORE);
      const again = await reader.evaluate(async (name) => {
        const db = await ads.open({ name });
        const texts = new Map([["/a", "half"]]);
        const files = {
          read: (path) => texts.get(path),
          write: (path, content) => void texts.set(path, content),
          remove: (path) => void texts.delete(path),
        };
        const { fileMsg } = await db.sessions().open("s").rewind({ files });
        await db.close();
        return [fileMsg, ...texts];
      }, name);
      assert.deepEqual(again, ["", ["/a", "after 0"]]);
      const { marks, turns, steps: left } = await found(reader, name);
      assert.deepEqual({ marks, turns, left }, { marks: AFTER.marks, turns: 2, left: 1 });
    }
  });
});
