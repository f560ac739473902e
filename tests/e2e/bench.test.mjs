import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const pictures = join(repository, "test-results");
const committed = JSON.parse(await readFile(join(repository, "www/public/bench.json"), "utf8"));
const OURS = "agent-datastore";

let server;
let browser;
let scratch;
let page;

before(async () => {
  await mkdir(pictures, { recursive: true });
  scratch = await mkdtemp(join(tmpdir(), "agent-datastore-bench-"));
  server = await serve(join(repository, "www", "dist"));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});
beforeEach(async () => {
  page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${server.origin}/bench/`);
  await page.locator('body[data-state="shown"]').waitFor();
});
afterEach(async () => {
  await page.close();
  assert.deepEqual(browser.complaints.splice(0), []);
});

/** Every bar that is drawn: where it stands, its length, and the text beside it. */
const bars = () =>
  page.$$eval(".chart .line:not(.floor)", (lines) =>
    lines.map((line) => ({
      workload: line.closest(".chart").dataset.workload,
      durability: line.closest(".chart").dataset.durability,
      store: line.dataset.store,
      length: Number(line.querySelector("rect").getAttribute("width")),
      seen: line.querySelector("rect").getBoundingClientRect().width / line.querySelector("svg").getBoundingClientRect().width,
      value: line.querySelector(".value").textContent,
      ratio: line.querySelector(".ratio").textContent,
    })),
  );

const entriesOf = ({ results, sizes, workloads }) => {
  const floors = workloads.filter(({ floor }) => floor).map(({ id }) => id);
  return [...results, ...sizes]
    .map((entry) => ({ ...entry, median: entry.medianMs ?? entry.medianBytes }))
    .filter(({ workload }) => !floors.includes(workload));
};

const numberIn = (text) => Number.parseFloat(text.replaceAll(",", ""));

async function show(name, content) {
  const path = join(scratch, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  await page.locator("#file").setInputFiles(path);
}

const small = {
  date: "2026-01-02T03:04:05.000Z",
  rounds: 1,
  workloads: [
    { id: "set-many", label: "bulk" },
    { id: "floor-text", label: "least", floor: true },
    { id: "disk", label: "disk" },
  ],
  results: [
    { workload: "set-many", durability: "relaxed", store: OURS, medianMs: 10 },
    { workload: "set-many", durability: "relaxed", store: "A", medianMs: 1000 },
    { workload: "set-many", durability: "relaxed", store: "B", medianMs: 5 },
    { workload: "floor-text", durability: "relaxed", store: "A", medianMs: 4 },
  ],
  sizes: [{ workload: "disk", durability: "relaxed", store: OURS, medianBytes: 3 * 2 ** 20 }],
};

test("the committed run is drawn: a bar for each median, as long as it says", async () => {
  const drawn = await bars();
  const entries = entriesOf(committed);
  assert.ok(entries.length > 100, "the committed run is a whole one");
  assert.equal(drawn.length, entries.length);
  for (const { workload, durability, store, median } of entries) {
    const row = entries.filter((one) => one.workload === workload && one.durability === durability);
    const bar = drawn.find((one) => one.workload === workload && one.durability === durability && one.store === store);
    const where = `${workload}, ${durability}, ${store}`;
    assert.ok(bar, where);
    const scale = bar.value.endsWith(" ms") ? 1 : 2 ** 20;
    assert.ok(Math.abs(numberIn(bar.value) * scale - median) <= 0.006 * median + 0.006 * scale, `${where}: ${bar.value}`);
    // The least that others took in the bulk row has a bar of its own, but is never the longest.
    const longest = Math.max(...row.map((one) => one.median));
    if (median > 0) assert.ok(Math.abs(bar.length - Math.max(0.4, (100 * median) / longest)) < 0.02, `${where}: ${bar.length}`);
    assert.ok(Math.abs(bar.seen * 100 - bar.length) < 1, `${where} is drawn as ${bar.seen}`);
    const ours = row.find((one) => one.store === OURS)?.median;
    if (store === OURS || !ours || !median) assert.equal(bar.ratio, "", where);
    else assert.ok(Math.abs(numberIn(bar.ratio) - median / ours) <= 0.006 * (median / ours) + 0.006, `${where}: ${bar.ratio}`);
  }
});

test("the table beneath holds every row", async () => {
  const rows = await page.$$eval("#table tbody tr", (found) => found.map((row) => row.innerText));
  const expected = new Set([...committed.results, ...committed.sizes].map((one) => `${one.workload} ${one.durability}`));
  assert.equal(rows.length, expected.size);
  assert.equal(await page.locator("#targets li").count(), committed.targets.length);
});

test("another run is shown, in proportion or logarithmic, by the keyboard too", async () => {
  await show("small.json", small);
  await page.locator("#run").filter({ hasText: "small.json · 2026-01-02 · 1 round" }).waitFor();
  const lengths = async () => Object.fromEntries((await bars()).map(({ workload, store, length }) => [`${workload} ${store}`, length]));
  assert.deepEqual(await lengths(), { [`set-many ${OURS}`]: 1, "set-many A": 100, "set-many B": 0.5, [`disk ${OURS}`]: 100 });
  assert.deepEqual((await bars()).map(({ store, ratio }) => [store, ratio.split(" ")[0]]), [
    [OURS, ""], ["B", "0.50×"], ["A", "100×"], [OURS, ""],
  ]);
  assert.deepEqual(await page.$$eval(".line.floor", (found) => found.map((line) => line.dataset.store)), ["least"]);
  assert.equal(await page.locator(".chart p").first().textContent(), "2.00× slower than B");

  await page.locator("#scale-linear").focus();
  await page.keyboard.press("ArrowRight");
  const logarithmic = await lengths();
  assert.equal(logarithmic["set-many A"], 100);
  // Ten times the value is as much longer wherever it is.
  const perDecade = (logarithmic["set-many A"] - logarithmic[`set-many ${OURS}`]) / 2;
  assert.ok(Math.abs(logarithmic[`set-many ${OURS}`] - logarithmic["set-many B"] - perDecade * Math.log10(2)) < 0.05);
});

test("a file may be dropped, and one that is no run changes nothing", async () => {
  const drop = (name, text) =>
    page.evaluate(([file, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content], file));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, [name, text]);
  await drop("small.json", JSON.stringify(small));
  await page.locator("#run").filter({ hasText: "small.json" }).waitFor();
  const hostile = "<img src=x onerror=alert(1)>";
  for (const wrong of ["{", "[]", "{}", JSON.stringify({ ...small, results: [{ ...small.results[0], medianMs: "10" }] })]) {
    await drop("wrong.json", wrong);
    await page.locator("#failure").filter({ hasText: "not a result of the benchmark" }).waitFor();
    assert.equal((await bars()).length, 4);
    await drop("small.json", JSON.stringify(small));
    await page.locator("#failure").waitFor({ state: "hidden" });
  }
  await drop("hostile.json", JSON.stringify({ ...small, results: [{ ...small.results[0], store: hostile }], machine: { cpu: hostile } }));
  await page.locator(".store").filter({ hasText: hostile }).waitFor();
  assert.equal(await page.locator("main img").count(), 0);
});

test("it can be seen in light and dark, wide and narrow", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(pictures, `bench-${colorScheme}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 390, height: 800 });
  await page.screenshot({ path: join(pictures, "bench-narrow.png"), fullPage: true });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(wider, 0, "the page scrolls sideways");
});
