// What we hold ourselves to. A target that is missed is said, and is no error; one that cannot be judged, because
// something was not measured, says so too.
import { Results } from "./results.mjs";
import { ratio } from "./stats.mjs";
import { DEXIE, RAW, SQLITE, WORKLOADS } from "./workloads.mjs";

const WARM_GETS = 500;
const WARM_GET_MICROSECONDS = 6;
const NOTICE_MS = 10;

const times = (number) => `${number >= 100 ? number.toFixed(0) : number.toFixed(2)}x`;

function judged(target, actual, met, tell = times) {
  const known = actual !== undefined && Number.isFinite(actual);
  return { target, actual: known ? tell(actual) : "not measured", met: known ? met(actual) : null };
}

const atLeast = (results, workload, label, factor) =>
  judged(
    `${label}: at least ${factor}x faster than ${DEXIE}`,
    ratio(results.value(workload, "relaxed", DEXIE), results.ours(workload)),
    (found) => found >= factor,
  );

const atMost = (target, value, limit, tell) => judged(target, value, (found) => found <= limit, tell);

/** Our time over another's: at most `limit`. */
const within = (target, ours, theirs, limit) => atMost(target, ratio(ours, theirs), limit);

function notSlowerThanAny(results, workload, label, durability = "relaxed") {
  const best = results.fastestPeer(workload, durability);
  return within(`${label}: not slower than any peer${best ? ` (${best.store})` : ""}`, results.ours(workload, durability), best?.value, 1);
}

function noRowSlowerThanSqlite(results) {
  const compared = WORKLOADS.filter(({ floor }) => !floor)
    .flatMap(({ id, label, durabilities }) => durabilities.map((durability) => ({ id, label, durability })))
    .map((row) => ({ ...row, found: ratio(results.ours(row.id, row.durability), results.value(row.id, row.durability, SQLITE)) }))
    .filter(({ found }) => found !== undefined);
  const slower = compared.filter(({ found }) => found > 1);
  const target = `no row slower than ${SQLITE}`;
  if (compared.length === 0) return judged(target, undefined);
  const named = slower.map(({ label, durability, found }) => `${label}, ${durability} (${times(found)})`);
  return { target, actual: slower.length === 0 ? `${compared.length} rows` : named.join("; "), met: slower.length === 0 };
}

/** Every target with what was found: `met` is true, false, or null where it cannot be judged. */
export function judge(measured) {
  const results = new Results(measured);
  const warm = results.ours("gets-warm");
  return [
    atLeast(results, "set-many", "setMany of 5,000", 12),
    within("setMany of 5,000: at most 2x one put of the same bytes", results.ours("set-many"), results.floor(), 2),
    atLeast(results, "sets-concurrent", "500 concurrent sets", 25),
    ...["relaxed", "strict"].flatMap((durability) => [
      notSlowerThanAny(results, "sets-awaited", `200 awaited sets, ${durability}`, durability),
      within(
        `200 awaited sets, ${durability}: at most 1.15x of ${RAW}`,
        results.ours("sets-awaited", durability),
        results.value("sets-awaited", durability, RAW),
        1.15,
      ),
    ]),
    atLeast(results, "gets-warm", "500 awaited gets, warm", 50),
    atMost(
      `500 awaited gets, warm: at most ${WARM_GET_MICROSECONDS} µs each`,
      warm === undefined ? undefined : (warm * 1000) / WARM_GETS,
      WARM_GET_MICROSECONDS,
      (found) => `${found.toFixed(2)} µs`,
    ),
    atLeast(results, "gets-concurrent", "1,000 concurrent gets", 20),
    notSlowerThanAny(results, "open-10k", "open + first get after a reload"),
    within(`open + first get after a reload: at most 2x of ${RAW}`, results.ours("open-10k"), results.value("open-10k", "relaxed", RAW), 2),
    atLeast(results, "get-many", "getMany of 1,000", 12),
    atLeast(results, "list-keys", "listKeys by prefix", 10),
    atLeast(results, "read-all", "read all 5,000", 2),
    within("open with 100,000 records: at most 1.5x of 10,000", results.ours("open-100k"), results.ours("open-10k"), 1.5),
    within(`bytes on disk: at most half of ${DEXIE}`, results.ours("disk"), results.value("disk", "relaxed", DEXIE), 0.5),
    within(`messages appended: at least 10x faster than ${RAW} with one record a conversation`, results.ours("chat-append"), results.value("chat-append", "relaxed", RAW), 0.1),
    ...WORKLOADS.filter(({ id }) => id.startsWith("chat-")).map(({ id, label }) =>
      within(`${label}: not slower than ${DEXIE}`, results.ours(id), results.value(id, "relaxed", DEXIE), 1),
    ),
    atLeast(results, "chat-search", "search in 100,000 messages", 10),
    within(`search in 100,000 messages: at least 10x faster than ${RAW} with one record a conversation`, results.ours("chat-search"), results.value("chat-search", "relaxed", RAW), 0.1),
    ...WORKLOADS.filter(({ id }) => /^(find|index)-/.test(id)).map(({ id, label }) => notSlowerThanAny(results, id, label)),
    ...WORKLOADS.filter(({ id }) => id.startsWith("updates-")).map(({ id, label }) =>
      within(`${label}: not slower than ${DEXIE}`, results.ours(id), results.value(id, "relaxed", DEXIE), 1),
    ),
    judged(
      `notice of a change in another tab: less than ${NOTICE_MS} ms`,
      results.ours("notice"),
      (found) => found < NOTICE_MS,
      (found) => `${found.toFixed(2)} ms`,
    ),
    noRowSlowerThanSqlite(results),
  ];
}
