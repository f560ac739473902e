import type { DayUsage } from "agent-datastore";
import { element, part } from "../dom";
import { counted } from "../format";
import { formatCost } from "../tokens";
import type { RunItem } from "./timeline-items";

const SVG = "http://www.w3.org/2000/svg";

const WIDTH = 100;
const HEIGHT = 30;

/** As many of the latest days are shown. */
const MOST_DAYS = 7;

function shape<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string | number>>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, typeof value === "number" ? value.toFixed(2) : value);
  return made;
}

function drawing(name: string, ...shapes: SVGElement[]): SVGSVGElement {
  // What it says stands beside it as text.
  const svg = shape("svg", { class: name, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(...shapes);
  return svg;
}

/** What the runs have cost together, run by run: each adds its part to a staircase. */
function staircase(runs: readonly RunItem[]): SVGSVGElement {
  const most = runs.at(-1)?.costSoFar || 1;
  const step = WIDTH / runs.length;
  const bars = runs.map(({ usage, costSoFar, isRewound }, at) => {
    const cost = usage?.total.costUsd ?? 0;
    const before = ((costSoFar - cost) / most) * HEIGHT;
    const own = (cost / most) * HEIGHT;
    const gap = step * 0.08;
    const group = shape("g", isRewound ? { class: "rewound" } : {});
    const place = { x: at * step + gap, width: step - 2 * gap };
    group.append(
      shape("rect", { ...place, class: "before", y: HEIGHT - before, height: before }),
      shape("rect", { ...place, class: "own", y: HEIGHT - before - own, height: own }),
    );
    return group;
  });
  return drawing("cost-runs", ...bars);
}

function dayElement({ day, total }: DayUsage, most: number, today: string): HTMLElement {
  const length = most > 0 ? (total.costUsd / most) * WIDTH : 0;
  const bar = drawing("cost-day", shape("rect", { class: "own", x: 0, y: 0, width: length, height: HEIGHT }));
  const name = element("time", { datetime: day }, day === today ? "Today" : day);
  return element("li", {}, name, bar, element("span", {}, `${formatCost(total.costUsd)} · ${counted(total.runs, "run")}`));
}

/** What the runs of this session have cost, and all sessions day by day. */
export class CostPicture {
  private drawn = "";

  show(runs: readonly RunItem[], days: readonly DayUsage[]): void {
    const today = new Date().toISOString().slice(0, 10);
    const state = JSON.stringify([runs.map(({ usage, isRewound }) => [usage, isRewound]), days, today]);
    if (state === this.drawn) return;
    this.drawn = state;
    const total = runs.at(-1)?.costSoFar ?? 0;
    const rewound = runs.filter(({ isRewound }) => isRewound).reduce((sum, { usage }) => sum + (usage?.total.costUsd ?? 0), 0);
    const ofRewound = rewound > 0 ? `, ${formatCost(rewound)} of it for runs that were taken back` : "";
    part("cost", HTMLElement).hidden = runs.length === 0;
    part("cost-text", HTMLElement).textContent = `${counted(runs.length, "run")} cost ${formatCost(total)}${ofRewound}.`;
    part("cost-runs", HTMLElement).replaceChildren(staircase(runs));
    const shown = days.slice(-MOST_DAYS).reverse();
    const most = Math.max(0, ...shown.map((each) => each.total.costUsd));
    part("cost-days", HTMLElement).replaceChildren(...shown.map((each) => dayElement(each, most, today)));
  }
}
