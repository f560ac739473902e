import type { SnapshotVersion } from "agent-datastore";
import { element, part, showText } from "../dom";
import { shortTimeElement } from "../facts";
import { formatBytes, formatCount } from "../format";
import type { SnapshotSession } from "./snapshot-session";

/** More are not listed: a store may keep any number. */
const MOST_LISTED = 500;

/** The versions of a key, to show one of them or to compare two. */
export class VersionList {
  private readonly list = part("versions", HTMLElement);
  private readonly hint = part("versions-hint", HTMLElement);
  private versions: SnapshotVersion[] = [];
  /** The versions that are ticked, in that order. */
  private chosen: number[] = [];

  constructor(private readonly session: SnapshotSession) {
    this.list.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement) this.choose(Number(event.target.value), event.target.checked);
    });
  }

  /** Shows other versions; the tick of one that is to be compared stays only where the key is the same. */
  show(versions: SnapshotVersion[], isSameKey: boolean): void {
    const { version, comparedWith } = this.session.place;
    this.versions = versions;
    const isKept = (wanted: number): boolean => versions.some((each) => each.version === wanted);
    if (version !== null && comparedWith !== null) this.chosen = [comparedWith, version];
    else this.chosen = isSameKey && this.chosen.length === 1 ? this.chosen.filter(isKept) : [];
    this.draw();
  }

  private choose(version: number, isTicked: boolean): void {
    const { key } = this.session.place;
    const others = this.chosen.filter((each) => each !== version);
    this.chosen = isTicked ? [...others.slice(-1), version] : others;
    const [one, other] = this.chosen;
    if (one !== undefined && other !== undefined) this.session.go({ key, version: Math.max(one, other), comparedWith: Math.min(one, other) });
    else if (this.session.place.comparedWith !== null) this.session.go({ key });
    this.draw();
  }

  private draw(): void {
    const focused = document.activeElement instanceof HTMLElement && this.list.contains(document.activeElement) ? document.activeElement.id : null;
    const { place } = this.session;
    const shown = place.version ?? this.versions[0]?.version;
    const rows = this.versions.slice(0, MOST_LISTED).map((each, at) => {
      const { version, savedAt, bytes } = each;
      const link = element(
        "a",
        { id: `version-${version}`, href: this.session.hrefOf({ key: place.key, version: at === 0 ? null : version }) },
        element("span", { class: "version-name" }, `Version ${formatCount(version)}`, ...(at === 0 ? [element("span", { class: "tag" }, "current")] : [])),
        element("span", { class: "muted" }, shortTimeElement(savedAt), ` · ${formatBytes(bytes)}`),
      );
      if (version === shown && place.comparedWith === null) link.setAttribute("aria-current", "true");
      const tick = element("input", { type: "checkbox", id: `compare-${version}`, value: String(version), "aria-label": `Compare version ${version}`, title: "Compare" });
      tick.checked = this.chosen.includes(version);
      return element("li", {}, tick, link);
    });
    this.list.replaceChildren(...rows);
    if (focused !== null) document.getElementById(focused)?.focus({ preventScroll: true });
    const hints = ["Tick two versions to compare them.", "Tick another one to compare them.", `Compared: version ${this.chosen.join(" and ")}.`];
    const more = this.versions.length > MOST_LISTED ? ` ${formatCount(this.versions.length - MOST_LISTED)} older ones are not listed.` : "";
    showText(this.hint, this.versions.length < 2 ? null : `${hints[this.chosen.length] ?? ""}${more}`);
  }
}
