import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, test } from "node:test";
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../../chromium.mjs";
import { newProfile, removeProfile } from "../chromium.mjs";
import { LIMIT, browser, freshName, newPage, prepare } from "./harness.mjs";

/** Writes rounds of twenty keys without end, and reports each round that was acknowledged. */
const writeRounds = (page, name, options = {}) =>
  page.evaluate(
    async ([name, options]) => {
      const store = (await ads.open({ name, ...options })).dataStore();
      const write = async () => {
        for (let round = 1; ; round++) {
          const keys = Array.from({ length: 20 }, (_, place) => [`k${place}`, { round, text: "x".repeat(round % 2_000) }]);
          await store.setMany(keys, { metadata: { round } });
          globalThis.acknowledged(round);
        }
      };
      write();
    },
    [name, options],
  );

const roundsOf = (page, name) =>
  page.evaluate(async (name) => {
    const db = await ads.open({ name });
    const store = db.dataStore();
    const rounds = new Set();
    let records = 0;
    for await (const [key, { round }] of store.entries()) {
      records += 1;
      rounds.add(round).add((await store.getRecord(key)).metadata.round);
    }
    await db.close();
    return { rounds: [...rounds], records };
  }, name);

/** Resolves when a page has reported so many rounds. */
function acknowledgements(count) {
  let last = 0;
  let enough;
  const reached = new Promise((resolve) => (enough = resolve));
  const report = (round) => {
    last = Math.max(last, round);
    if (last >= count) enough();
  };
  return { report, reached, last: () => last };
}

describe("tabs", LIMIT, () => {
  test("data survives a reload", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => (await ads.open({ name })).dataStore().set("k", { kept: true }), name);
    await page.reload();
    await prepare(page, browser.server.origin);
    const value = await page.evaluate(async (name) => (await ads.open({ name })).dataStore().get("k"), name);
    assert.deepEqual(value, { kept: true });
  });

  test("two pages that change one key a hundred times each, all at once, lose no change", async (context) => {
    const pages = [await newPage(context), await newPage(context)];
    const name = freshName();
    for (const page of pages) {
      await page.evaluate(async (name) => {
        globalThis.db = await ads.open({ name });
        globalThis.store = db.dataStore();
      }, name);
    }
    const run = (page, mark) =>
      page.evaluate(async (mark) => {
        const marks = Array.from({ length: 100 }, (_, place) => `${mark}${place}`);
        const calls = marks.map((each) => t.outcome(store.set("k", each, { metadata: { [each]: true } })));
        return (await Promise.all(calls)).map((each) => each.code).filter(Boolean);
      }, mark);
    assert.deepEqual(await Promise.all([run(pages[0], "a"), run(pages[1], "b")]), [[], []]);
    for (const page of pages) {
      const metadata = await page.evaluate(async () => {
        await db.refresh();
        return (await store.getRecord("k")).metadata;
      });
      assert.equal(Object.keys(metadata).length, 200);
    }
  });

  test("two pages that set, delete, clear and import the same keys never show half a batch", async (context) => {
    const pages = [await newPage(context), await newPage(context)];
    const name = freshName();
    const run = (page, mark) =>
      page.evaluate(
        async ([name, mark]) => {
          const store = (await ads.open({ name })).dataStore();
          const keys = Array.from({ length: 10 }, (_, place) => `k${place}`);
          const broken = [];
          for (let round = 0; round < 60; round++) {
            const writes = [store.setMany(keys.map((key) => [key, `${mark}${round}`]))];
            if (round % 3 === 0) writes.push(store.deleteMany(keys));
            if (round % 7 === 0) writes.push(store.clear());
            const seen = await store.getMany(keys);
            if (![0, 10].includes(seen.size) || new Set(seen.values()).size > 1) broken.push([...seen]);
            await Promise.all(writes);
          }
          return broken;
        },
        [name, mark],
      );
    assert.deepEqual(await Promise.all([run(pages[0], "a"), run(pages[1], "b")]), [[], []]);
  });

  for (const refreshes of [true, false]) {
    const when = refreshes ? "at once after a refresh" : "by itself, soon";
    test(`a write in one page is seen in another ${when}`, async (context) => {
      const [writer, reader] = [await newPage(context), await newPage(context)];
      const name = freshName();
      for (const page of [writer, reader]) {
        await page.evaluate(async (name) => {
          globalThis.db = await ads.open({ name });
          globalThis.store = db.dataStore();
        }, name);
      }
      for (let round = 0; round < 20; round++) {
        await writer.evaluate((round) => store.set("k", round), round);
        const seen = await reader.evaluate(
          async ([round, refreshes]) => {
            if (refreshes) await db.refresh();
            for (let waits = 0; !refreshes && waits < 500 && (await store.get("k")) !== round; waits++) {
              await new Promise((resolve) => setTimeout(resolve, 10));
            }
            return store.get("k");
          },
          [round, refreshes],
        );
        assert.equal(seen, round);
      }
    });
  }

  test("a page announces its writes only once another has come, and the other misses none", async (context) => {
    const [page, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await page.evaluate(async (name) => {
      globalThis.sent = [];
      t.patch(BroadcastChannel.prototype, "postMessage", (post) => function (data) {
        sent.push(data);
        return post.call(this, data);
      });
      globalThis.store = (await ads.open({ name })).dataStore();
      for (let n = 0; n < 20; n++) await store.set("k", n);
      await new Promise((done) => setTimeout(done, 50));
    }, name);
    assert.equal(await page.evaluate(() => sent.length), 1, "the greeting");
    await other.evaluate(async (name) => {
      globalThis.store = (await ads.open({ name })).dataStore();
    }, name);
    await page.waitForFunction(() => sent.length > 1);
    const seen = (value) => other.waitForFunction(async (value) => (await store.get("k")) === value, value, { timeout: 5_000 });
    await page.evaluate(() => store.set("k", "later"));
    await seen("later");
    assert.ok((await page.evaluate(() => sent.length)) > 2);
    // And the other way round.
    await other.evaluate(() => store.set("k", "back"));
    await page.waitForFunction(async () => (await store.get("k")) === "back", undefined, { timeout: 5_000 });
  });

  for (const durability of ["relaxed", "strict"]) {
    test(`a page that crashes while it writes (${durability}) loses nothing acknowledged, and leaves no half batch`, async (context) => {
      const page = await newPage(context);
      const name = freshName();
      const { report, reached, last } = acknowledgements(60);
      await page.exposeFunction("acknowledged", report);
      await writeRounds(page, name, { durability });
      await reached;
      const session = await page.context().newCDPSession(page);
      const crashed = new Promise((resolve) => page.once("crash", resolve));
      // The page that would answer is gone.
      session.send("Page.crash").catch(() => {});
      await crashed;
      const { rounds, records } = await roundsOf(await newPage(context), name);
      assert.deepEqual([rounds.length, records], [1, 20]);
      assert.ok(rounds[0] >= last(), `round ${rounds[0]} is there, ${last()} was acknowledged`);
    });
  }

  test("a browser that is killed while a page writes loses nothing acknowledged, and leaves no half batch", async (context) => {
    const profile = await newProfile();
    context.after(() => removeProfile(profile));
    const name = freshName();
    const { report, reached, last } = acknowledgements(60);

    const started = await startBrowser(profile);
    context.after(started.kill);
    const doomed = await started.browser.contexts()[0].newPage();
    await doomed.goto(`${browser.server.origin}/blank.html`);
    await prepare(doomed, browser.server.origin);
    await doomed.exposeFunction("acknowledged", report);
    await writeRounds(doomed, name);
    await reached;
    await started.kill();

    const again = await startBrowser(profile);
    context.after(again.kill);
    const page = await again.browser.contexts()[0].newPage();
    await page.goto(`${browser.server.origin}/blank.html`);
    await prepare(page, browser.server.origin);
    const { rounds, records } = await roundsOf(page, name);
    assert.deepEqual([rounds.length, records], [1, 20]);
    assert.ok(rounds[0] >= last(), `round ${rounds[0]} is there, ${last()} was acknowledged`);
  });
});

/** A browser as a process of our own, so that it can be killed. */
async function startBrowser(profile) {
  const options = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...CHROMIUM_FLAGS, "about:blank"];
  const process_ = spawn(CHROMIUM, options, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => process_.once("exit", resolve));
  const kill = async () => {
    try {
      // The whole group: the browser and all its children.
      process.kill(-process_.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
    await ended;
  };
  const endpoint = await new Promise((resolve, reject) => {
    let output = "";
    process_.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
      const found = /DevTools listening on (ws:\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
    process_.once("exit", () => reject(new Error(`the browser ended at once: ${output}`)));
  });
  return { browser: await chromium.connectOverCDP(endpoint), kill };
}
