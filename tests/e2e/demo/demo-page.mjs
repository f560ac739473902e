/** The demo as a person sees it: by labels, buttons and text. */
export class DemoPage {
  constructor(page, origin, database) {
    this.page = page;
    this.address = `${origin}/?db=${encodeURIComponent(database)}`;
  }

  async open(place = {}) {
    const fields = new URLSearchParams({ user: "ada", agent: "tester", ns: "default", ...place });
    await this.page.goto(`${this.address}#${fields}`);
    await this.ready();
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async ready() {
    await this.page.locator("body[data-state=open][data-stored]").waitFor();
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true }).filter({ visible: true });
  }

  get count() {
    return this.page.locator("#namespace-count");
  }

  keyRow(key) {
    return this.page.getByRole("listbox", { name: "Keys" }).getByRole("option", { name: key, exact: true });
  }

  async waitForCount(keys) {
    const text = `${keys.toLocaleString("en")} ${keys === 1 ? "key" : "keys"}`;
    await this.count.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
  }

  async openNamespace(name) {
    await this.page.getByLabel("Name of another namespace").fill(name);
    await this.button("Open").click();
    await this.page.locator("#namespace-title bdi").filter({ hasText: name }).waitFor();
  }

  async openKey(key) {
    await this.page.getByLabel("Only keys that begin with").fill(key);
    await this.keyRow(key).click();
    await this.recordShown(key);
  }

  async recordShown(key) {
    await this.page.waitForFunction(
      (wanted) => {
        const title = document.getElementById("record-key");
        return title.textContent === wanted && title.offsetParent !== null;
      },
      key,
    );
  }

  value() {
    return this.page.locator("#record-value").textContent();
  }

  async add(key, json, metadata = "") {
    await this.button("Add record").first().click();
    await this.fillEditor({ key, value: json, metadata });
    await this.save();
    await this.recordShown(key);
  }

  async fillEditor({ key, value, metadata }) {
    if (key !== undefined) await this.page.getByLabel("Key", { exact: true }).fill(key);
    if (value !== undefined) await this.page.locator("#editor-value").fill(value);
    if (metadata !== undefined) await this.page.locator("#editor-metadata").fill(metadata);
  }

  async save() {
    await this.button("Save").click();
    await this.page.locator("#editor").waitFor({ state: "hidden" });
  }

  /** Imports a folder through the dialog, and resolves to its result line and to what it did not import. */
  async importFolder(folder, { json = false, ignored } = {}) {
    await this.button("Import folder").first().click();
    if (json) await this.page.getByLabel("JSON files").check();
    if (ignored !== undefined) await this.page.getByLabel("Directories left out").fill(ignored);
    await this.page.locator("#folder-input").setInputFiles(folder);
    await this.button("Import").click();
    return this.importResult();
  }

  async importResult() {
    const result = this.page.locator("#folder-result");
    await result.waitFor();
    return { line: await result.textContent(), skipped: await this.allRows("#folder-skipped") };
  }

  /** Every row of a list that draws only what is visible, by scrolling through it. */
  async allRows(list) {
    return this.page.locator(list).evaluate(async (viewport) => {
      const rows = new Map();
      const frame = () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      viewport.scrollTop = 0;
      for (;;) {
        await frame();
        for (const row of viewport.querySelectorAll(".row")) {
          rows.set(Number(row.dataset.index), [...row.children].map((part) => part.textContent));
        }
        const before = viewport.scrollTop;
        viewport.scrollTop = before + viewport.clientHeight;
        if (viewport.scrollTop === before) break;
      }
      return [...rows].sort(([a], [b]) => a - b).map(([, texts]) => texts);
    });
  }

  async search(query, scope = "namespace") {
    await this.page.getByLabel("Where to search").selectOption(scope);
    await this.page.getByLabel("Search keys and contents").fill(query);
    await this.page.getByLabel("Search keys and contents").press("Enter");
    return this.searchDone();
  }

  /** Resolves to the numbers of the line that ends a search. */
  async searchDone() {
    const status = this.page.locator("#search-status").filter({ hasText: / ms$/ });
    await status.waitFor();
    const [, found, looked] = /^([\d,]+) records? of ([\d,]+) in/.exec(await status.textContent());
    return { found: Number(found.replaceAll(",", "")), looked: Number(looked.replaceAll(",", "")) };
  }
}
