import { element, input, part, showText } from "../dom";
import { counted } from "../format";
import { chartOf } from "./chart";
import { type Measured, type Row, readMeasured } from "./measured";
import type { Scale } from "./scale";
import { tableOf } from "./table";

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const WRITES = ["set-many", "sets-awaited", "sets-concurrent", "delete-prefix"];

let shown: Measured | undefined;
/** A file that was chosen while the committed run was still loading is not replaced by it. */
let latest = 0;

const scale = (): Scale => (input("scale-log").checked ? "log" : "linear");

function groupsOf(rows: readonly Row[]): [string, Row[]][] {
  const drawn = rows.filter(({ floor }) => !floor);
  const writes = (durability: string): Row[] => drawn.filter((row) => WRITES.includes(row.id) && row.durability === durability);
  const opening = drawn.filter(({ id }) => id.includes("open"));
  const sizes = drawn.filter(({ unit }) => unit === "bytes");
  const named: [string, Row[]][] = [
    ["Writes, relaxed durability", writes("relaxed")],
    ["Writes, strict durability", writes("strict")],
    ["Reads", []],
    ["Opening", opening],
    ["Size", sizes],
  ];
  const taken = new Set(named.flatMap(([, members]) => members));
  return named
    .map(([title, members]): [string, Row[]] => [title, title === "Reads" ? drawn.filter((row) => !taken.has(row)) : members])
    .filter(([, members]) => members.length > 0);
}

function drawCharts(): void {
  const groups = groupsOf(shown?.rows ?? []).map(([title, rows]) =>
    element(
      "section",
      { class: "group" },
      element("h2", {}, title),
      element("div", { class: "grid" }, ...rows.map((row) => chartOf(row, scale()))),
    ),
  );
  part("charts", HTMLElement).replaceChildren(...groups);
}

function show(measured: Measured, from: string): void {
  shown = measured;
  const day = measured.date.slice(0, 10);
  showText(part("run", HTMLElement), [from, day, counted(measured.rounds, "round")].filter(Boolean).join(" · "));
  showText(part("failure", HTMLElement), null);
  drawCharts();
  part("targets-part", HTMLElement).hidden = measured.targets.length === 0;
  part("targets", HTMLElement).replaceChildren(
    ...measured.targets.map(({ text, met }) => {
      const verdict = met === null ? "open" : met ? "met" : "missed";
      return element("li", { class: verdict }, element("strong", {}, met === null ? "Not judged" : met ? "Met" : "Missed"), " ", text);
    }),
  );
  part("table", HTMLElement).replaceChildren(tableOf(measured));
  part("setup", HTMLElement).replaceChildren(
    ...measured.facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  document.body.dataset["state"] = "shown";
}

async function load(from: string, read: () => Promise<string>): Promise<void> {
  const turn = ++latest;
  try {
    const text = await read();
    if (turn === latest) show(readMeasured(text), from);
  } catch (error) {
    if (turn !== latest) return;
    showText(part("failure", HTMLElement), error instanceof Error ? error.message : String(error));
    if (!shown) showText(part("run", HTMLElement), null);
    document.body.dataset["state"] = "failed";
  }
}

async function committed(): Promise<string> {
  const answer = await fetch(new URL("../bench.json", document.baseURI));
  if (!answer.ok) throw new Error(`The results could not be loaded (${answer.status}).`);
  return answer.text();
}

function open(file: File | null | undefined): void {
  if (!file) return;
  void load(file.name, async () => {
    if (file.size > MAX_FILE_BYTES) throw new Error(`${file.name} is too large to be a result of the benchmark.`);
    return file.text();
  });
}

for (const id of ["scale-linear", "scale-log"]) input(id).addEventListener("change", drawCharts);
const chosen = input("file");
chosen.addEventListener("change", () => {
  open(chosen.files?.[0]);
  // The same file can be chosen again after it was changed.
  chosen.value = "";
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  open(event.dataTransfer?.files[0]);
});
void load("The last committed run", committed);
