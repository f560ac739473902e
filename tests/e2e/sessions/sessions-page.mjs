/** The page of sessions as a person sees it: by labels, buttons and text. */
export class SessionsPage {
  constructor(page, origin, database) {
    this.page = page;
    this.origin = origin;
    this.database = database;
  }

  async open({ delay = 0, user = "ada", session } = {}) {
    const query = new URLSearchParams({ db: this.database, delay: String(delay) });
    const hash = new URLSearchParams({ user, ...(session ? { session } : {}) });
    // An address that differs only behind the # would not load the page anew.
    await this.page.goto("about:blank");
    await this.page.goto(`${this.origin}/sessions/?${query}#${hash}`);
    await this.ready();
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async ready() {
    await this.page.locator("body[data-state=open][data-shown]").waitFor();
  }

  /** Opens the page with a session that nothing was asked in. */
  async openNew(options) {
    await this.open(options);
    await this.button("Begin a session").click();
    await this.page.locator("body[data-shown=session]").waitFor();
  }

  async openWithExample(options) {
    await this.open(options);
    await this.button("Fill in an example").click();
    await this.run(4).waitFor();
    await this.run(4).getByText("Applied: src/shapes.ts").waitFor();
    await this.file("shapes.ts").waitFor();
  }

  /** The id of the open session, out of the address. */
  get session() {
    return new URLSearchParams(new URL(this.page.url()).hash.slice(1)).get("session");
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true }).filter({ visible: true });
  }

  get prompt() {
    return this.page.getByLabel("Prompt", { exact: true });
  }

  /** The box that has a model asked. */
  model(name) {
    return this.page.getByRole("checkbox", { name });
  }

  async ask(prompt) {
    await this.prompt.fill(prompt);
    await this.prompt.press("Enter");
  }

  /** Asks, and waits for the end of the run. */
  async runs(prompt) {
    const before = await this.page.locator("#runs > li").count();
    await this.ask(prompt);
    await this.page.locator("#runs > li").nth(before).waitFor();
    await this.button("Run").waitFor();
  }

  /** A run by its number, from 1; what marks that one was taken back has numbers too. */
  run(number) {
    return this.page.locator(`#runs > li[data-run="${number - 1}"]`);
  }

  answer(number, model) {
    return this.run(number).locator(`[data-model="${model}"]`);
  }

  async apply(number, model = "writer") {
    await this.answer(number, model).getByRole("button", { name: /^Apply/ }).click();
    await this.run(number).getByText("Applied:").waitFor();
  }

  /** What the timeline has, one word an entry. */
  entries() {
    return this.page.locator("#runs > li").evaluateAll((items) => items.map((item) => (item.dataset.rewound === undefined ? item.dataset.kind : "rewound")));
  }

  async waitForEntries(wanted) {
    await this.page.waitForFunction((expected) => {
      const items = [...document.querySelectorAll("#runs > li")];
      return JSON.stringify(items.map((item) => (item.dataset.rewound === undefined ? item.dataset.kind : "rewound"))) === expected;
    }, JSON.stringify(wanted));
  }

  get files() {
    return this.page.getByRole("tree", { name: "Files" });
  }

  file(name) {
    return this.files.getByRole("treeitem").filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** What the rows of the tree say, each level indented by two spaces. */
  rows() {
    return this.files.getByRole("treeitem").evaluateAll((rows) =>
      rows.map((row) => "  ".repeat(Number(row.getAttribute("aria-level")) - 1) + row.children[1].textContent),
    );
  }

  async waitForRows(wanted) {
    await this.page.waitForFunction((expected) => {
      const rows = [...document.querySelectorAll("#files [role=treeitem]")];
      return JSON.stringify(rows.map((row) => "  ".repeat(Number(row.getAttribute("aria-level")) - 1) + row.children[1].textContent)) === expected;
    }, JSON.stringify(wanted));
  }

  /** Waits until the text of the open file has this in it. */
  shows(text) {
    return this.page.locator("#file-text").filter({ hasText: text, visible: true }).waitFor();
  }

  fileText() {
    return this.page.locator("#file-text").textContent();
  }

  /** What the last step has changed in a file: the lines that came and went. */
  diff(path) {
    return this.page.locator(`#changes [data-path="${path}"] :is([data-change=added], [data-change=removed])`).evaluateAll((lines) =>
      lines.map((line) => line.querySelector(".diff-sign").textContent + line.querySelector(".diff-text").lastChild.textContent),
    );
  }

  changed(text) {
    return this.page.locator("#changes").filter({ hasText: text, visible: true }).waitFor();
  }

  get banner() {
    return this.page.locator("#checkpoint");
  }

  row(name) {
    return this.page.getByRole("listbox", { name: "Sessions" }).getByRole("option").filter({ hasText: name });
  }

  names() {
    return this.page.locator("#session-list .session-name").allTextContents();
  }

  titled(name) {
    return this.page.locator("#session-title").getByText(name, { exact: true }).waitFor();
  }

  confirm(answer) {
    return this.page.locator("#confirm").getByRole("button", { name: answer, exact: true }).click();
  }

  said(text) {
    return this.page.locator("#notice").filter({ hasText: text }).waitFor();
  }
}
