import { type Checkpoint, type Database, defaultRecipe, type SessionStore } from "agent-datastore";
import { confirmed } from "../confirm";
import { button, part } from "../dom";
import { formatCount } from "../format";
import { attempt, inform } from "../notice";
import { linkPages } from "../pages";
import { CheckpointBanner } from "./checkpoint-banner";
import { Composer } from "./composer";
import { CostPicture } from "./cost-picture";
import { writeExample } from "./example";
import { FileChanges } from "./file-changes";
import { FilePane } from "./file-pane";
import { HistoryPane } from "./history-pane";
import { MODELS } from "./models";
import { RecipePane } from "./recipe-pane";
import { RunLock } from "./run-lock";
import { type Running, Runs } from "./runs";
import { type SessionBar, setUpSessionBar } from "./session-bar";
import { nameOf, SessionList } from "./session-list";
import { StateReader } from "./state";
import { Steps, UNDER_WAY } from "./steps";
import { Timeline } from "./timeline";
import { type RunItem, timelineItems } from "./timeline-items";
import { setUpTransfer } from "./transfer-dialog";
import { setUpWayBack } from "./way-back";
import { Workspace } from "./workspace";

/** What a person does on the page, and what it shows of it. */
export class SessionsPage {
  readonly workspace: Workspace;
  private readonly runs: Runs;
  private readonly list: SessionList;
  private readonly bar: SessionBar;
  private readonly timeline: Timeline;
  private readonly composer: Composer;
  private readonly files: FilePane;
  private readonly changes = new FileChanges();
  private readonly recipe: RecipePane;
  private readonly histories: HistoryPane;
  private readonly banner: CheckpointBanner;
  private readonly cost = new CostPicture();
  private readonly showWayBack: ReturnType<typeof setUpWayBack>;
  private readonly reader = new StateReader();
  private readonly lock: RunLock;
  private readonly steps: Steps;
  private syncing: Promise<void> = Promise.resolve();
  private opened: string | null | undefined;
  private answering: Running | null = null;

  constructor(database: Database, delay: number) {
    const workspace = new Workspace(database);
    const changed = (): Promise<void> => this.sync();
    this.workspace = workspace;
    this.lock = new RunLock(database.name, () => workspace.place.user);
    this.runs = new Runs(delay, {
      changed: (session) => this.runChanged(session),
      grew: (session) => {
        if (session === workspace.place.session) this.timeline.showRunning(this.runs.of(session));
      },
    });
    this.steps = new Steps(workspace, this.lock, this.changes, changed);
    this.timeline = new Timeline({
      choose: (item, answer) => void attempt(() => this.steps.choose(item, answer)),
      rate: (item, model, rating) => void attempt(() => this.steps.rate(item, model, rating)),
      goBackTo: (item) => void attempt(() => this.steps.goBackTo(item)),
      fork: (item) => void attempt(() => this.fork(item)),
    });
    this.composer = new Composer({
      run: (prompt, models) => void attempt(() => this.run(prompt, models)),
      isRunning: () => this.runs.of(workspace.place.session) !== null,
    });
    this.banner = new CheckpointBanner({
      goOn: (checkpoint) => void attempt(() => this.goOn(checkpoint)),
      discard: () => void attempt(() => this.discard()),
    });
    this.showWayBack = setUpWayBack({ rewind: () => void attempt(() => this.steps.rewind()), redo: () => void attempt(() => this.steps.redo()) });
    this.list = new SessionList(workspace, () => this.showList(false));
    this.bar = setUpSessionBar(workspace, (session) => this.runs.stop(session), changed);
    this.files = new FilePane(workspace);
    this.recipe = new RecipePane(workspace, changed);
    this.histories = new HistoryPane(workspace, changed);
    setUpTransfer(workspace, () => this.list.sessions.length, changed);
    for (const id of ["new-session", "welcome-new"]) button(id).addEventListener("click", () => void attempt(() => this.begin()));
    button("welcome-example").addEventListener("click", () => void attempt(() => this.fillIn()));
    button("to-start").addEventListener("click", () => void attempt(() => this.steps.goBackTo(null).then(() => this.composer.focus())));
    workspace.onMove(() => this.moved());
  }

  /** Shows what has changed in the store, in whichever tab. One after the other, so that whoever waits sees what they did. */
  sync(): Promise<void> {
    this.syncing = this.syncing.catch(() => undefined).then(() => this.show());
    return this.syncing;
  }

  showList(shown: boolean): void {
    document.body.dataset["view"] = shown ? "list" : "place";
  }

  stop(): void {
    const { session } = this.workspace.place;
    if (session !== null) void attempt(() => this.runs.stop(session));
  }

  private moved(): void {
    const { user, session } = this.workspace.place;
    const place = JSON.stringify([user, session]);
    if (place === this.opened) return;
    this.opened = place;
    part("sessions-user", HTMLElement).textContent = user;
    linkPages(user);
    this.changes.hide();
    this.composer.open(session);
    this.timeline.showRunning(this.runs.of(session));
    void attempt(() => this.sync());
  }

  private async show(): Promise<void> {
    const { sessions, store, place } = this.workspace;
    const listed = await sessions.list();
    if (sessions !== this.workspace.sessions) return;
    this.list.show(listed);
    const info = listed.find(({ id }) => id === place.session) ?? null;
    if (store && !info) {
      inform("This session is not there any more.");
      this.workspace.replaceBy({ session: null });
      return;
    }
    if (store) await this.showSession(store);
    if (store !== this.workspace.store) return;
    this.bar.show(info);
    part("welcome", HTMLElement).hidden = store !== null;
    part("session", HTMLElement).hidden = store === null;
    document.body.dataset["shown"] = store === null ? "welcome" : "session";
  }

  private async showSession(store: SessionStore): Promise<void> {
    const session = store.sessionId();
    const [state, days, isElsewhere] = await Promise.all([
      this.reader.read(store),
      this.workspace.sessions.usageByDay(),
      this.lock.isHeldElsewhere(session),
    ]);
    if (store !== this.workspace.store) return;
    const isRunning = this.runs.of(session) !== null;
    const isBusy = isElsewhere || isRunning || this.steps.isChanging;
    const items = timelineItems({
      runs: state.metadata.runs ?? [],
      contents: state.content.runs ?? [],
      usage: state.usage,
      steps: state.steps.map(({ feedIndex }) => feedIndex),
      recipeNames: state.recipeNames,
    });
    this.timeline.show(session, items, isBusy);
    this.cost.show(items.filter((item) => item.kind === "run"), days);
    this.showWayBack(state, isBusy);
    button("to-start").disabled = !state.canRewind || isBusy;
    button("to-start").hidden = items.length === 0;
    this.banner.show(isRunning ? null : state.checkpoint, isElsewhere);
    this.composer.showPrompts(state.prompts);
    this.recipe.show(session, state);
    await Promise.all([this.files.show(state.paths), this.histories.refresh()]);
  }

  private async begin(): Promise<void> {
    await this.openNew();
    this.showList(false);
    this.composer.focus();
  }

  private async openNew(): Promise<SessionStore> {
    const store = this.workspace.sessions.create({ metadata: { models: MODELS.map(({ id }) => id) }, recipe: defaultRecipe() });
    await store.saveInitialMeta();
    this.workspace.go({ session: store.sessionId() });
    await this.sync();
    return store;
  }

  private async fillIn(): Promise<void> {
    button("welcome-example").disabled = true;
    try {
      await writeExample(await this.openNew());
      await this.sync();
    } finally {
      button("welcome-example").disabled = false;
    }
  }

  private async run(prompt: string, models: string[]): Promise<void> {
    const { store } = this.workspace;
    if (!store) return;
    this.changes.hide();
    try {
      if (!(await this.alone(store, () => this.runs.run(store, prompt, models)))) this.composer.giveBack(store.sessionId(), prompt);
    } catch (error) {
      this.composer.giveBack(store.sessionId(), prompt);
      throw error;
    } finally {
      await this.sync();
    }
  }

  private async goOn(checkpoint: Checkpoint): Promise<void> {
    const { store } = this.workspace;
    if (!store) return;
    this.changes.hide();
    this.composer.focus();
    await this.alone(store, () => this.runs.goOn(store, checkpoint)).finally(() => this.sync());
  }

  private async discard(): Promise<void> {
    const { store } = this.workspace;
    const question = { title: "Discard the run that was cut short?", text: "It cannot be gone on with then.", yes: "Discard" };
    if (!store || !(await confirmed(question))) return;
    await store.clearCheckpoint();
    await this.sync();
    this.composer.focus();
  }

  private async alone(store: SessionStore, work: () => Promise<void>): Promise<boolean> {
    const isDone = await this.lock.hold(store.sessionId(), work);
    if (!isDone) inform(UNDER_WAY);
    return isDone;
  }

  private runChanged(session: string): void {
    if (session !== this.workspace.place.session) return;
    const running = this.runs.of(session);
    if (running) {
      this.answering = running;
      part("session-status", HTMLElement).textContent = "The models are answering.";
      this.timeline.showRunning(running);
      this.composer.update();
      void attempt(() => this.sync());
      return;
    }
    const said = this.answering?.responses.map(({ modelId, text, error }) => `${modelId}: ${error || text || ""}`) ?? [];
    void attempt(async () => {
      // The stored run takes the place of the one that was shown.
      await this.sync();
      if (session !== this.workspace.place.session) return;
      this.timeline.showRunning(this.runs.of(session));
      this.composer.update();
      part("session-status", HTMLElement).textContent = said.join("\n");
    });
  }

  private async fork({ run, number }: RunItem): Promise<void> {
    const { store, place } = this.workspace;
    if (!store) return;
    const info = this.list.sessions.find(({ id }) => id === place.session);
    const fork = await store.fork({ run, title: `${nameOf(info ?? {})}, from run ${formatCount(number)}` });
    this.workspace.go({ session: fork.sessionId() });
    await this.sync();
    inform("This is a new session, as the other one was right after that run.");
  }
}
