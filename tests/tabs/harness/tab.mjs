import { eventually } from "./waiting.mjs";

/** A page, and what it can do: see tests/tabs/page. */
export class Tab {
  #browser;

  /** `without` names what the page has to do without; `ownProcess` finds the process that it runs in, as `pid`. */
  static async open(browser, { without = [], ownProcess = false } = {}) {
    const others = ownProcess ? await processTimes(browser) : undefined;
    const page = await browser.context.newPage();
    if (without.length > 0) await page.addInitScript(remove, without);
    const tab = new Tab();
    tab.#browser = browser;
    tab.page = page;
    await tab.load();
    if (ownProcess) tab.pid = await tab.#findProcess(others);
    return tab;
  }

  /** Loads the page, also once more. */
  async load() {
    await this.page.goto(`${this.#browser.origin}/page/blank.html`);
    await this.page.evaluate(async () => {
      globalThis.t = await import("/page/index.mjs");
    });
  }

  /** Calls a function of tests/tabs/page in the page. */
  call(name, ...parameters) {
    return this.page.evaluate(([name, parameters]) => globalThis.t[name](...parameters), [name, parameters]);
  }

  /** Starts a worker in the page, which can do the same. */
  async worker() {
    await this.call("startWorker");
    return { call: (name, ...parameters) => this.call("inWorker", name, ...parameters) };
  }

  /** Goes on to another page; the browser keeps this one, asleep, if it can. */
  async leave() {
    await this.page.goto(`${this.#browser.origin}/page/blank.html?other`);
  }

  /** Goes back. Resolves to whether the page was kept; where it was not, it has been loaded again. */
  async comeBack() {
    const arrived = this.page.waitForURL(({ search }) => search === "", { waitUntil: "commit" });
    await this.page.evaluate(() => void setTimeout(() => history.back()));
    await arrived;
    const kept = await this.page.evaluate(() => "t" in globalThis);
    if (!kept) await this.load();
    return kept;
  }

  /** Closes the page without asking it. */
  close() {
    return this.page.close({ runBeforeUnload: false });
  }

  /** The process that was not there before, and whose processor time grows while the page keeps it busy. */
  async #findProcess(others) {
    const before = await processTimes(this.#browser);
    const burn = async () => {
      await this.call("burn", 150);
      const now = [...(await processTimes(this.#browser))].filter(([pid]) => !others.has(pid));
      return now.map(([pid, time]) => [pid, time - (before.get(pid) ?? 0)]).sort((one, two) => two[1] - one[1]);
    };
    // On a busy machine the page gets little time.
    const isClear = ([first, second]) => first?.[1] > 0.1 && first[1] > 3 * (second?.[1] ?? 0);
    const [[pid]] = await eventually(burn, isClear, "processor time of the page's process");
    return pid;
  }
}

/** The processor time of every process that runs pages, by its id. */
async function processTimes(browser) {
  const { processInfo } = await browser.session.send("SystemInfo.getProcessInfo");
  return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
}

/** Takes things of the browser away before the page's own scripts run. */
function remove(names) {
  for (const name of names) {
    if (name === "Web Locks") delete Navigator.prototype.locks;
    if (name === "BroadcastChannel") delete globalThis.BroadcastChannel;
  }
}
