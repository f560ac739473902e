import assert from "node:assert/strict";

/** A page, and what it can do: see tests/tabs/page. */
export class Tab {
  #browser;

  static async open(browser, { without = [] } = {}) {
    const page = await browser.context.newPage();
    if (without.length > 0) await page.addInitScript(remove, without);
    const tab = new Tab();
    tab.#browser = browser;
    tab.page = page;
    await tab.load();
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

  /** Closes the page without asking it. */
  close() {
    return this.page.close({ runBeforeUnload: false });
  }

  /** The process that this page runs in: the one whose processor time grows while the page keeps it busy. */
  async process() {
    const times = async () => {
      const { processInfo } = await this.#browser.session.send("SystemInfo.getProcessInfo");
      return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
    };
    for (let round = 0; round < 5; round++) {
      const before = await times();
      await this.call("burn", 300);
      const grown = [...(await times())].map(([pid, time]) => [pid, time - (before.get(pid) ?? 0)]);
      const [first, second] = grown.sort((a, b) => b[1] - a[1]);
      if (first[1] > 0.15 && first[1] > 3 * (second?.[1] ?? 0)) return first[0];
    }
    return assert.fail("the process of a page could not be told from others");
  }
}

/** Takes things of the browser away before the page's own scripts run. */
function remove(names) {
  for (const name of names) {
    if (name === "Web Locks") delete Navigator.prototype.locks;
    if (name === "BroadcastChannel") delete globalThis.BroadcastChannel;
  }
}
