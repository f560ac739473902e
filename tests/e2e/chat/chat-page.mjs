/** The chat as a person sees it: by labels, buttons and text. */
export class ChatPage {
  constructor(page, origin, database) {
    this.page = page;
    this.origin = origin;
    this.database = database;
  }

  async open({ delay = 0, user = "ada", chat } = {}) {
    const query = new URLSearchParams({ db: this.database, delay: String(delay) });
    const hash = new URLSearchParams({ user, ...(chat ? { chat } : {}) });
    // An address that differs only behind the # would not load the page anew.
    await this.page.goto("about:blank");
    await this.page.goto(`${this.origin}/chat/?${query}#${hash}`);
    await this.ready();
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async ready() {
    await this.page.locator("body[data-state=open]").waitFor();
  }

  /** The id of the open conversation, out of the address. */
  get chat() {
    return new URLSearchParams(new URL(this.page.url()).hash.slice(1)).get("chat");
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true }).filter({ visible: true });
  }

  get composer() {
    return this.page.getByLabel("Message to the agent");
  }

  message(at) {
    return this.page.locator("#messages > article").nth(at);
  }

  action(at, name) {
    return this.message(at).getByRole("button", { name, exact: true });
  }

  /** What the messages say, without their heads and buttons. */
  texts() {
    return this.page.locator("#messages > article .message-text").allInnerTexts();
  }

  async send(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Sends a message and waits for the end of the answer. */
  async ask(text) {
    const before = await this.page.locator("#messages > article").count();
    await this.send(text);
    await this.answered(before + 1);
  }

  async answered(at) {
    await this.page.locator(`#messages > article:nth-child(${at + 1})[data-state=complete]`).waitFor();
    await this.button("Send").waitFor();
  }

  async stateOf(at, state) {
    await this.page.locator(`#messages > article:nth-child(${at + 1})[data-state=${state}]`).waitFor();
  }

  async count(messages) {
    await this.page.waitForFunction((wanted) => document.querySelectorAll("#messages > article").length === wanted, messages);
  }

  async loadSample() {
    await this.button("Load the sample").click();
    await this.page.locator("#welcome-examples").waitFor();
  }

  conversation(title) {
    return this.page.getByRole("listbox", { name: "Conversations" }).getByRole("option").filter({ hasText: title });
  }

  titles() {
    return this.page.locator("#conversation-list .conversation-title").allTextContents();
  }

  confirm(answer) {
    return this.page.locator("#confirm").getByRole("button", { name: answer, exact: true }).click();
  }
}
