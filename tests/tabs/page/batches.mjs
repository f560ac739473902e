// A series: batches numbered from 1. Each is one `setMany` of records of its own and of records that all batches share,
// so a look at the store tells which batches are there, which are not, and which are only half there.

const OWN = 4;
const SHARED = 3;

const ownKey = (series, number, place) => `${series}/${String(number).padStart(6, "0")}/${place}`;
const sharedKeys = (series) => Array.from({ length: SHARED }, (_, place) => `${series} latest/${place}`);

/** Some values are too large for a page of any storage engine, most are small. */
const sizeOf = (number, place) => (place > 0 ? 20 : number % 13 === 0 ? 70_000 : (number * 397) % 2_000);
const textOf = (number, place) => `${number}.${place};`.repeat(sizeOf(number, place) / 4);

/** The records of a batch, as `setMany` takes them. */
export function batchOf(series, number) {
  const own = Array.from({ length: OWN }, (_, place) => [
    ownKey(series, number, place),
    { number, text: textOf(number, place) },
  ]);
  return [...own, ...sharedKeys(series).map((key) => [key, number])];
}

/**
 * Looks at a series: the last batch that is there, and everything that must not be. Batches of one page are written in
 * order, so no number may be missing before the last.
 */
export async function lookAt(records, series) {
  const keys = await records.listKeys(`${series}/`);
  // One consistent read; batches that came after the keys were listed show in the shared records only.
  const found = await records.getMany([...keys, ...sharedKeys(series)]);
  const last = keys.length === 0 ? 0 : Number(keys.at(-1).split("/").at(-2));
  const broken = [];
  for (let number = 1; number <= last; number++) {
    for (let place = 0; place < OWN; place++) {
      const value = found.get(ownKey(series, number, place));
      if (value === undefined) broken.push(`batch ${number} of ${last} lacks record ${place}`);
      else if (value.number !== number || value.text !== textOf(number, place)) broken.push(`batch ${number} is changed`);
    }
  }
  if (keys.length !== last * OWN) broken.push(`${keys.length} records in ${last} batches`);
  const latest = sharedKeys(series).map((key) => found.get(key) ?? 0);
  if (new Set(latest).size > 1) broken.push(`half a batch: ${latest}`);
  if (latest[0] < last) broken.push(`batch ${last} is there, but the shared records are of ${latest[0]}`);
  return { last, latest: latest[0], broken: broken.slice(0, 5) };
}
