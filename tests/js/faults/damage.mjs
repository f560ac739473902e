import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, failed, freshName, newPage } from "./harness.mjs";

/** A database with pages, large values and a log, closed, at `globalThis.made` what is in it. */
const make = (page, name) =>
  page.evaluate(async (name) => {
    const noise = (length) => {
      let text = "";
      while (text.length < length) text += Math.random().toString(36).slice(2);
      return text.slice(0, length);
    };
    const made = {};
    for (let place = 0; place < 300; place++) made[`k${String(place).padStart(3, "0")}`] = noise(8_000);
    for (let place = 0; place < 3; place++) made[`large ${place}`] = noise(150_000);
    const db = await ads.open({ name });
    await db.dataStore().setMany(made, { metadata: { from: "make" } });
    await db.close();
    const again = await ads.open({ name });
    await again.dataStore().set("late", "in the log");
    await again.dataStore({ user: "bob" }).set("his", 1);
    await again.close();
    globalThis.made = { ...made, late: "in the log" };
  }, name);

/** Replaces a blob: the one at a place of its object store. Returns its number. */
const damage = (page, name, area, place, harm) =>
  page.evaluate(
    async ([name, area, place, harm]) => {
      const db = await t.openRaw(name);
      const store = db.transaction(area, "readwrite").objectStore(area);
      const numbers = (await t.done(store.getAllKeys())).filter((key) => typeof key === "number");
      const number = numbers.at(place);
      const blob = await t.done(store.get(number));
      const harms = {
        flip: () => store.put(blob.map((byte, at) => (at === blob.length - 1 ? byte ^ 1 : byte)), number),
        cut: () => store.put(blob.slice(0, blob.length / 2), number),
        empty: () => store.put(new Uint8Array(0), number),
        zeros: () => store.put(new Uint8Array(blob.length), number),
        text: () => store.put("text", number),
        null: () => store.put(null, number),
        negative: () => store.put(-1, number),
        object: () => store.put({ length: -1 }, number),
        removed: () => store.delete(number),
      };
      await t.done(harms[harm]());
      db.close();
      return number;
    },
    [name, area, place, harm],
  );

/** What reading each key by itself gives; the message of what cannot be read. */
const readEach = (page, name) =>
  page.evaluate(async (name) => {
    const db = await ads.open({ name });
    const store = db.dataStore();
    const found = { right: 0, wrong: [], errors: [] };
    for (const [key, value] of Object.entries(made)) {
      const outcome = await t.outcome(store.get(key));
      if (outcome.code) found.errors.push({ ...outcome, key });
      else if (outcome.value === value) found.right += 1;
      else found.wrong.push(key);
    }
    found.report = await t.outcome(db.verify());
    await db.close();
    return found;
  }, name);

/** What salvage gives, held against what was made, and imported into a new database. */
const saveAndImport = (page, name) =>
  page.evaluate(async (name) => {
    const saved = await ads.salvage(name);
    const mine = await ads.salvage(name, { user: "anonymous" });
    const db = await ads.open({ name: `${name} anew` });
    const store = db.dataStore();
    const imported = await store.importDocuments(mine.documents);
    const values = [];
    for await (const [key, value] of store.entries()) values.push([key, value]);
    const { from } = values.length > 0 ? (await store.getRecord(values[0][0])).metadata : {};
    await db.close();
    await ads.destroy(`${name} anew`);
    return {
      records: saved.records,
      others: [saved.others, mine.others],
      damage: saved.damage,
      imported: imported.imported,
      mine: mine.records,
      right: values.filter(([key, value]) => made[key] === value).length,
      from,
    };
  }, name);

const ALL = 304;

describe("damage", LIMIT, () => {
  test("a sound database verifies, and salvage gives all of it, also while it is open", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await make(page, name);
    const { right, wrong, errors, report } = await readEach(page, name);
    assert.deepEqual([right, wrong, errors], [ALL, [], []]);
    assert.deepEqual([report.value.entries, report.value.damage], [ALL + 1, []]);
    assert.ok(report.value.blobs > 40 && report.value.bytes > 2_000_000, JSON.stringify(report.value));
    await page.evaluate(async (name) => (globalThis.open = await ads.open({ name })), name);
    const saved = await saveAndImport(page, name);
    assert.deepEqual(saved, { records: ALL + 1, others: [0, 1], damage: [], imported: ALL, mine: ALL, right: ALL, from: "make" });
  });

  for (const harm of ["flip", "cut", "empty", "zeros", "text", "null", "negative", "object", "removed"]) {
    test(`a page that is harmed (${harm}) is CORRUPT where it is read and named, and all else is read and saved`, async (context) => {
      const page = await newPage(context);
      const name = freshName();
      await make(page, name);
      const number = await damage(page, name, "page", 5, harm);
      const named = new RegExp(`blob ${number} of "page"`);
      const { right, wrong, errors, report } = await readEach(page, name);
      assert.deepEqual(wrong, []);
      assert.ok(errors.length > 0 && errors.length < 20, `${errors.length} keys cannot be read`);
      assert.equal(right, ALL - errors.length);
      for (const { key, ...error } of errors) {
        failed(error, "CORRUPT");
        assert.match(error.message, named);
      }
      assert.equal(report.value.damage.length, 1);
      assert.match(report.value.damage[0], named);
      const { damage: told, ...saved } = await saveAndImport(page, name);
      assert.deepEqual(saved, { records: right + 1, others: [0, 1], imported: right, mine: right, right, from: "make" });
      assert.equal(told.length, 1);
      assert.match(told[0], named);
    });
  }

  test("a piece of a large value that is harmed costs that value alone", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await make(page, name);
    const number = await damage(page, name, "value", 1, "flip");
    const named = new RegExp(`blob ${number} of "value"`);
    const { right, errors, report } = await readEach(page, name);
    assert.deepEqual([right, errors.map(({ key }) => key)], [ALL - 1, ["large 0"]]);
    assert.match(errors[0].message, named);
    assert.match(report.value.damage.join(), named);
    const saved = await saveAndImport(page, name);
    assert.deepEqual([saved.right, saved.imported], [ALL - 1, ALL - 1]);
    assert.match(saved.damage.join(), named);
  });

  for (const [area, place, lost] of [["meta", 0, 0], ["log", -2, 1]]) {
    test(`where ${area} is harmed opening is CORRUPT and names the blob, and salvage gives the rest`, async (context) => {
      const page = await newPage(context);
      const name = freshName();
      await make(page, name);
      const number = await damage(page, name, area, place, "flip");
      const opened = await page.evaluate((name) => t.outcome(ads.open({ name })), name);
      failed(opened, "CORRUPT");
      assert.match(opened.message, new RegExp(`blob ${number} of "${area}"`));
      const saved = await saveAndImport(page, name);
      assert.deepEqual([saved.right, saved.imported, saved.records], [ALL - lost, ALL - lost, ALL + 1 - lost]);
      assert.match(saved.damage.join(), new RegExp(`blob ${number} of "${area}"`));
      assert.deepEqual(await page.evaluate((name) => t.outcome(ads.destroy(name)), name), { value: undefined });
    });
  }

  test("salvage takes a database without its identity, and makes none where there is none", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      await db.dataStore({ namespace: "a" }).set("k", 1);
      await db.dataStore({ namespace: "b" }).set("k", 2);
      await db.close();
      const raw = await t.openRaw(name);
      const blobs = {};
      for (const area of [...raw.objectStoreNames].filter((area) => !area.startsWith("identity:"))) {
        const content = raw.transaction(area).objectStore(area);
        const [keys, values] = await Promise.all([t.done(content.getAllKeys()), t.done(content.getAll())]);
        blobs[area] = keys.map((key, place) => [key, values[place]]);
      }
      const { version } = raw;
      raw.close();
      await ads.destroy(name);
      const copy = await t.openRaw(name, version, (db) => {
        for (const [area, content] of Object.entries(blobs)) {
          const store = db.createObjectStore(area);
          for (const [key, value] of content) store.put(value, key);
        }
      });
      copy.close();
    }, name);
    failed(await page.evaluate((name) => t.outcome(ads.open({ name })), name), "CORRUPT");
    const saved = await page.evaluate((name) => ads.salvage(name, { namespace: "b" }), name);
    assert.deepEqual([saved.records, saved.others, saved.damage], [1, 1, []]);
    assert.deepEqual(JSON.parse(saved.documents).map(({ namespace, value }) => [namespace, value]), [["b", 2]]);

    const other = freshName();
    failed(await page.evaluate((name) => t.outcome(ads.salvage(name)), other), "DATA_LOSS");
    assert.equal(other in (await page.evaluate(() => t.databases())), false);
  });
});
