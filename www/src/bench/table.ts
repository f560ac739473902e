import { element } from "../dom";
import type { Measured } from "./measured";
import { amount } from "./units";

/** Everything that the charts show, and the rows that they leave out, as one table. */
export function tableOf({ rows, stores }: Measured): HTMLTableElement {
  const head = element("tr", {}, element("th", { scope: "col" }, "Workload"), ...stores.map((store) => element("th", { scope: "col" }, store)));
  const body = rows.map((row) => {
    const cells = stores.map((store) => {
      const bar = row.bars.find((one) => one.store === store && !one.floor);
      return element("td", {}, bar ? amount(bar.value, row.unit) : "–");
    });
    const unit = row.unit === "ms" ? row.durability : "MiB";
    return element("tr", {}, element("th", { scope: "row" }, row.label, " ", element("span", { class: "muted" }, unit)), ...cells);
  });
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}
