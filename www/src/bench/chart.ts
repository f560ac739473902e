import { element } from "../dom";
import { type Bar, OURS, type Row } from "./measured";
import { type Scale, lengthOf } from "./scale";
import { factor, withUnit } from "./units";

const SVG = "http://www.w3.org/2000/svg";

/** A bar as a drawing, because the page's policy admits no style attributes. What it says stands beside it as text. */
function drawing(length: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 1");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "bar");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("width", length.toFixed(2));
  rect.setAttribute("height", "1");
  svg.append(rect);
  return svg;
}

/** A store's value over ours, in words for those who hear it. */
function ratioElement(bar: Bar, ours: number | undefined): HTMLElement {
  if (bar.store === OURS || !ours || !bar.value) return element("span", { class: "ratio" });
  const ratio = bar.value / ours;
  const kind = ratio > 1 ? "wins" : "loses";
  return element("span", { class: `ratio ${kind}` }, factor(ratio), element("span", { class: "unseen" }, ` of ${OURS}`));
}

function headline(row: Row, ours: number | undefined): string {
  const peers = row.bars.filter((bar) => bar.store !== OURS && !bar.floor);
  const [best] = [...peers].sort((a, b) => a.value - b.value);
  // Nothing can be compared with none, such as WebAssembly's memory where there is no WebAssembly.
  if (!best?.value) return best ? `${best.store} takes none` : "";
  if (!ours) return `Least: ${best.store}`;
  const less = row.unit === "ms" ? "faster" : "smaller";
  const more = row.unit === "ms" ? "slower" : "larger";
  const ratio = best.value / ours;
  return ratio >= 1 ? `${factor(ratio)} ${less} than the best other (${best.store})` : `${factor(1 / ratio)} ${more} than ${best.store}`;
}

/** One row of the results as bars, ours first and the others by length. */
export function chartOf(row: Row, scale: Scale): HTMLElement {
  const values = row.bars.map(({ value }) => value);
  const ours = row.bars.find(({ store }) => store === OURS)?.value;
  const sorted = [...row.bars].sort((a, b) => Number(b.store === OURS) - Number(a.store === OURS) || a.value - b.value);
  const title = `chart-${row.id}-${row.durability}`;
  const lines = sorted.map((bar) => {
    const kind = bar.floor ? "floor" : bar.store === OURS ? "ours" : "peer";
    return element(
      "li",
      { class: `line ${kind}`, "data-store": bar.store },
      element("span", { class: "store" }, bar.store),
      drawing(lengthOf(bar.value, values, scale)),
      element("span", { class: "value" }, withUnit(bar.value, row.unit)),
      ratioElement(bar, ours),
    );
  });
  return element(
    "section",
    { class: "chart", "aria-labelledby": title, "data-workload": row.id, "data-durability": row.durability },
    element("h3", { id: title }, row.label),
    element("p", { class: "muted" }, headline(row, ours)),
    element("ol", {}, ...lines),
  );
}
