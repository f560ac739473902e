/** The page of snapshots as a person sees it: by labels, buttons and text. */
export class SnapshotsPage {
  constructor(page, origin, database) {
    this.page = page;
    this.origin = origin;
    this.database = database;
  }

  async open({ user = "ada", scope = [], key } = {}) {
    const hash = new URLSearchParams({ user });
    for (const name of scope) hash.append("in", name);
    if (key) hash.set("key", key);
    // An address that differs only behind the # would not load the page anew.
    await this.page.goto("about:blank");
    await this.page.goto(`${this.origin}/snapshots/?${new URLSearchParams({ db: this.database })}#${hash}`);
    await this.ready();
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async ready() {
    await this.page.locator("body[data-state=open][data-shown]").waitFor();
  }

  async openWithExample() {
    await this.open();
    await this.button("Fill in an example").click();
    await this.titled("agent");
    await this.page.locator("#versions li").nth(3).waitFor();
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true }).filter({ visible: true });
  }

  get tree() {
    return this.page.getByRole("tree", { name: "Scopes and keys" });
  }

  row(name) {
    return this.tree.getByRole("treeitem").filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** What the rows of the tree say, each level indented by two spaces. */
  rows() {
    return this.tree.getByRole("treeitem").evaluateAll((rows) =>
      rows.map((row) => "  ".repeat(Number(row.getAttribute("aria-level")) - 1) + row.children[1].textContent),
    );
  }

  async waitForRows(wanted) {
    await this.page.waitForFunction((names) => {
      const rows = [...document.querySelectorAll("#tree [role=treeitem]")];
      return JSON.stringify(rows.map((row) => row.children[1].textContent)) === names;
    }, JSON.stringify(wanted));
  }

  /** The row that the keyboard is on. */
  active() {
    return this.page.evaluate(() => {
      const id = document.getElementById("tree").getAttribute("aria-activedescendant");
      return id && document.getElementById(id).children[1].textContent;
    });
  }

  titled(name) {
    return this.page.locator("#place-title").getByText(name, { exact: true }).waitFor();
  }

  async value() {
    return JSON.parse(await this.page.locator("#snapshot-value").textContent());
  }

  /** Waits until the value's text has this in it. */
  shows(text) {
    return this.page.locator("#snapshot-value").filter({ hasText: text, visible: true }).waitFor();
  }

  version(number) {
    return this.page.locator("#versions").getByRole("link", { name: new RegExp(`^Version ${number}\\b`) });
  }

  async versions() {
    const names = await this.page.locator("#versions .version-name").allTextContents();
    return names.map((name) => Number.parseInt(name.replace(/\D+/, ""), 10));
  }

  async compare(...numbers) {
    for (const number of numbers) await this.page.getByLabel(`Compare version ${number}`, { exact: true }).check();
  }

  diff() {
    return this.page.locator("#comparison .diff-line:not([data-change=folded]):not([data-change=same])").evaluateAll((lines) =>
      lines.map((line) => line.querySelector(".diff-sign").textContent + line.querySelector(".diff-text").lastChild.textContent.trim()),
    );
  }

  get editor() {
    return this.page.getByRole("dialog").filter({ has: this.page.locator("#editor-form") });
  }

  /** Fills in the form that is open, and saves. */
  async write({ scope, key, value }) {
    if (scope !== undefined) await this.editor.getByLabel("New scope").fill(scope);
    if (key !== undefined) await this.editor.getByLabel("Key").fill(key);
    await this.editor.getByLabel("Value").fill(typeof value === "string" ? value : JSON.stringify(value));
    await this.editor.getByRole("button", { name: "Save", exact: true }).click();
  }

  confirm(answer) {
    return this.page.locator("#confirm").getByRole("button", { name: answer, exact: true }).click();
  }

  said(text) {
    return this.page.locator("#notice").filter({ hasText: text }).waitFor();
  }
}
