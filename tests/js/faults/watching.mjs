import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, browser, freshName, newPage, prepare } from "./harness.mjs";

/** How late a notice may be that has to be looked for, because nobody told of it: `LOOK_MS`, and as much again. */
const LATE_MS = 4_000;

/** Opens the database in a page and follows it: every event is kept, with the moment at which it came. */
const follow = (page, name, target) =>
  page.evaluate(
    async ([name, target]) => {
      globalThis.db ??= await ads.open({ name, onEvent: ({ type }) => (globalThis.happened ??= []).push(type) });
      globalThis.store = db.dataStore();
      globalThis.events = [];
      const onError = (error) => events.push({ error: error.code });
      globalThis.until = async (holds, limitMs = 5_000) => {
        for (const end = performance.now() + limitMs; !holds(); ) {
          if (performance.now() > end) throw new Error(`still ${JSON.stringify(events).slice(-500)}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      store.subscribe({ ...target, onError }, (event) => void events.push({ ...event, at: performance.timeOrigin + performance.now() }));
      await until(() => events.length > 0);
    },
    [name, target ?? {}],
  );

const toldIn = (page, count) =>
  page.evaluate(async (count) => {
    await until(() => events.length > count);
    return events.slice(1);
  }, count);

describe("a watch", LIMIT, () => {
  test("tells of another page's commits within milliseconds, each once, in their order", async (context) => {
    const [page, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await follow(page, name);
    await follow(other, name);
    const rounds = 100;
    const written = await other.evaluate(async (rounds) => {
      const at = [];
      for (let round = 1; round <= rounds; round++) {
        await store.set("k", round);
        at.push(performance.timeOrigin + performance.now());
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return at;
    }, rounds);
    const told = await toldIn(page, rounds);
    const expected = Array.from({ length: rounds }, (_, place) => [place + 1, place === 0 ? undefined : place]);
    for (const events of [told, await toldIn(other, rounds)]) {
      assert.deepEqual(events.map(({ changes: [{ value, oldValue }] }) => [value, oldValue]), expected);
    }
    const late = told.map(({ at }, place) => at - written[place]).sort((one, two) => one - two);
    context.diagnostic(`told after the writer knew: ${late[rounds / 2].toFixed(1)} ms in the median, ${late.at(-1).toFixed(1)} ms at the most`);
    assert.ok(late[rounds / 2] < 100, `${late[rounds / 2]} ms in the median`);
  });

  test("tells of atomic commits of two pages that change the same records, nothing twice and nothing torn", async (context) => {
    const pages = [await newPage(context), await newPage(context)];
    const name = freshName();
    for (const page of pages) await follow(page, name);
    const times = 50;
    const change = (times) =>
      Promise.all(Array.from({ length: times }, () => db.atomic().sum("a", 1).sum("b", -1).append("list", [1]).commit()));
    await Promise.all(pages.map((page) => page.evaluate(change, times)));
    for (const page of pages) {
      const seen = await page.evaluate(async (all) => {
        const values = {};
        const torn = [];
        const take = ({ changes }) => {
          for (const { key, value, oldValue } of changes) {
            if (JSON.stringify(values[key]) !== JSON.stringify(oldValue)) torn.push([key, values[key], oldValue]);
            values[key] = value;
          }
          if (changes.length > 0 && (values.a !== -values.b || values.a !== values.list.length)) torn.push(values);
        };
        await until(() => events.at(-1).changes.some(({ key, value }) => key === "a" && value === all));
        events.forEach(take);
        return { torn, versions: new Set(events.map(({ version }) => version)).size === events.length, a: values.a };
      }, 2 * times);
      assert.deepEqual(seen, { torn: [], versions: true, a: 2 * times });
    }
  });

  test("tells what nobody told of: a writer that died right after its commit", async (context) => {
    const [page, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await follow(page, name);
    await other.evaluate(async (name) => {
      const store = (await ads.open({ name })).dataStore();
      t.patch(BroadcastChannel.prototype, "postMessage", () => () => {});
      await store.set("k", "silent");
    }, name);
    await other.close({ runBeforeUnload: false });
    const [{ changes }] = await page.evaluate(async (limit) => {
      await until(() => events.length > 1, limit);
      return events.slice(1);
    }, LATE_MS);
    assert.deepEqual(changes.map(({ key, value }) => [key, value]), [["k", "silent"]]);
  });

  test("goes on over another connection, and misses nothing", async (context) => {
    const [page, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await page.evaluate(() => (globalThis.connections = t.watchConnections()));
    await follow(page, name);
    await follow(other, name);
    for (const round of [1, 2, 3]) {
      await page.evaluate(() => {
        const connection = connections.at(-1);
        connection.close();
        connection.dispatchEvent(new Event("close"));
      });
      await other.evaluate((round) => store.set("k", round), round);
      const told = await toldIn(page, round);
      assert.deepEqual(told.at(-1).changes.map(({ value, oldValue }) => [value, oldValue]), [[round, round === 1 ? undefined : round - 1]]);
    }
  });

  test("ends with DATA_LOSS where its database is deleted, and with INSTANCE_LOST where its instance dies", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await follow(page, name);
    await page.evaluate((name) => ads.destroy(name), name);
    assert.deepEqual(await toldIn(page, 1), [{ error: "DATA_LOSS" }]);
    const second = await newPage(context);
    await follow(second, freshName());
    await second.evaluate(async () => {
      const now = Date.now;
      Date.now = () => {
        throw new Error("no clock");
      };
      await store.set("k", 1).catch(() => {});
      Date.now = now;
    });
    assert.deepEqual(await toldIn(second, 1), [{ error: "INSTANCE_LOST" }]);
  });

  test("of a page that is loaded again begins with the state", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await follow(page, name);
    await page.evaluate(() => store.set("k", 1));
    await page.reload();
    await prepare(page, browser.server.origin);
    await follow(page, name, { key: "k" });
    const [{ type, changes }] = await page.evaluate(() => events);
    assert.deepEqual([type, changes[0].value], ["state", 1]);
  });
});
