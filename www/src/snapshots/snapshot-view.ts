import type { Json, SnapshotVersion } from "agent-datastore";
import { changesText, comparisonOf } from "../comparison";
import { confirmed } from "../confirm";
import { button, part, showText } from "../dom";
import { isStoreError } from "../errors";
import { factElement, timeElement } from "../facts";
import { counted, formatBytes, formatCount } from "../format";
import { invisibleIn } from "../invisible";
import { prettyJson } from "../json";
import { Latest } from "../latest";
import { diffOf } from "../line-diff";
import { showLongText } from "../long-text";
import { attempt, inform } from "../notice";
import { scopeText } from "./place";
import type { SnapshotSession } from "./snapshot-session";
import { VersionList } from "./versions";

interface Shown {
  scope: string[];
  key: string;
  versions: SnapshotVersion[];
  version: SnapshotVersion;
  value: Json;
}

const SHORT_HASH = 12;

/** What was read, or nothing where it is not kept any more. */
async function ifKept<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isStoreError(error) && ["NOT_FOUND", "KEY_NOT_FOUND"].includes(error.code)) return undefined;
    throw error;
  }
}

/** Shows what became of one JSON text in another. */
function showComparison(before: string, after: string): void {
  const comparison = comparisonOf(diffOf(before, after));
  part("comparison", HTMLElement).replaceChildren(...comparison.rows);
  part("comparison-facts", HTMLElement).textContent = comparison.added + comparison.removed === 0 ? "The values are equal." : changesText(comparison);
}

/** One key: the value of a version, or what is between two. */
export class SnapshotView {
  private readonly latest = new Latest();
  private readonly versionList: VersionList;
  private shown: Shown | null = null;
  private drawn = "";
  private drawnKey = "";

  constructor(
    private readonly session: SnapshotSession,
    private readonly changed: () => Promise<void>,
    edit: (scope: string[], key: string, value: Json, current: SnapshotVersion) => void,
  ) {
    this.versionList = new VersionList(session);
    button("snapshot-edit").addEventListener("click", () => {
      const { shown } = this;
      const current = shown?.versions[0];
      if (shown && current) edit(shown.scope, shown.key, shown.value, current);
    });
    button("snapshot-copy").addEventListener("click", () =>
      attempt(async () => {
        if (!this.shown) return;
        await navigator.clipboard.writeText(prettyJson(this.shown.value));
        inform("The value is on the clipboard.");
      }),
    );
    button("snapshot-delete").addEventListener("click", () => void attempt(() => this.remove()));
    button("snapshot-restore").addEventListener("click", () => void attempt(() => this.restore()));
    button("comparison-close").addEventListener("click", () => {
      session.go({ key: session.place.key });
      part("snapshot-value", HTMLElement).focus({ preventScroll: true });
    });
  }

  /** Shows the key of the place as it is now. What is the same as before stays as it is drawn. */
  async refresh(): Promise<void> {
    const newest = this.latest.next();
    const { user, scope, key, version: wanted, comparedWith } = this.session.place;
    if (key === null) {
      this.drawn = "";
      return;
    }
    const store = this.session.storeAt();
    const versions = await store.versions(key);
    if (newest.aborted) return;
    const state = JSON.stringify([user, scope, key, wanted, comparedWith, versions]);
    if (state === this.drawn) return;
    const version = versions.find((each) => wanted === null || each.version === wanted);
    const value = version && (await ifKept(store.loadAt(key, version.version)));
    const before = comparedWith === null ? undefined : await ifKept(store.loadAt(key, comparedWith));
    if (newest.aborted) return;
    this.drawn = state;
    const isSameKey = this.drawnKey === JSON.stringify([user, scope, key]);
    this.drawnKey = JSON.stringify([user, scope, key]);
    this.shown = version && value !== undefined ? { scope, key, versions, version, value } : null;
    part("snapshot", HTMLElement).hidden = versions.length === 0;
    for (const id of ["snapshot-edit", "snapshot-copy"]) button(id).disabled = this.shown === null;
    button("snapshot-delete").disabled = versions.length === 0;
    const missing = comparedWith !== null && before === undefined ? comparedWith : this.shown ? null : wanted;
    const gone = versions.length === 0 ? `“${key}” is not in ${scopeText(scope)}.` : `Version ${formatCount(missing ?? 0)} is not kept any more.`;
    showText(part("snapshot-none", HTMLElement), versions.length === 0 || missing !== null ? gone : null);
    this.versionList.show(versions, isSameKey);
    part("versions-count", HTMLElement).textContent = `(${formatCount(versions.length)})`;
    button("prune-key").disabled = versions.length < 2;
    const isCompared = before !== undefined && comparedWith !== null && this.shown !== null;
    part("value-section", HTMLElement).hidden = isCompared || !this.shown;
    part("comparison-section", HTMLElement).hidden = !isCompared;
    if (this.shown) this.drawFacts(this.shown);
    if (isCompared && this.shown && before !== undefined) {
      part("comparison-title", HTMLElement).textContent = `From version ${formatCount(comparedWith)} to version ${formatCount(this.shown.version.version)}`;
      showComparison(prettyJson(before), prettyJson(this.shown.value));
    } else if (this.shown) {
      showLongText(part("snapshot-value", HTMLElement), button("snapshot-all"), prettyJson(this.shown.value));
    }
    if (!isSameKey) part("place", HTMLElement).scrollTop = 0;
  }

  private drawFacts({ key, versions, version: { version, savedAt, bytes, hash } }: Shown): void {
    const current = versions[0]?.version ?? version;
    const digest = factElement("SHA-256", hash.slice(0, SHORT_HASH));
    digest.title = hash;
    digest.classList.add("hash");
    part("snapshot-facts", HTMLElement).replaceChildren(
      factElement("Version", version === current ? formatCount(version) : `${formatCount(version)} of ${formatCount(current)}`),
      factElement("Saved", timeElement(savedAt)),
      factElement("Size", `${formatBytes(bytes)} of JSON`),
      digest,
    );
    const unseen = invisibleIn(key);
    showText(part("snapshot-warning", HTMLElement), unseen.length > 0 ? `This key holds ${unseen.join(", ")}.` : null);
    part("old-version", HTMLElement).hidden = version === current || this.session.place.comparedWith !== null;
    part("old-version-text", HTMLElement).textContent = `This is version ${formatCount(version)}; the current one is ${formatCount(current)}.`;
  }

  private async restore(): Promise<void> {
    const { shown, session } = this;
    if (!shown) return;
    await session.storeAt(shown.scope).save(shown.key, shown.value);
    session.go({ scope: shown.scope, key: shown.key });
    await this.changed();
    inform(`Version ${formatCount(shown.version.version)} is saved as the current one.`);
  }

  private async remove(): Promise<void> {
    const { shown, session } = this;
    const { scope, key } = session.place;
    if (key === null) return;
    const versions = shown ? ` with its ${counted(shown.versions.length, "version")}` : "";
    const text = `“${key}” in ${scopeText(scope)}${versions} will be gone.`;
    if (!(await confirmed({ title: "Delete this snapshot?", text, yes: "Delete" }))) return;
    await session.storeAt(scope).delete(key);
    if (session.place.key === key) session.replaceBy({ scope });
    await this.changed();
    inform("The snapshot is deleted.");
  }
}
