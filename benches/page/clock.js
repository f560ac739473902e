// The clock that the pages of a browser share, and whether they do.
import { check } from "./verify.js";

const CHANNEL = "bench clock";
const TRIPS = 20;
const APART_MS = 0.5;

/** Milliseconds, the same ones in every page of a browser. */
export const now = () => performance.timeOrigin + performance.now();

let answering;

/** Half of the way of the quickest question and answer lies between a page's clock and the answer's, if they are the same clock. */
async function quickest(channel) {
  let best = { trip: Infinity };
  for (let trip = 0; trip < TRIPS; trip++) {
    const asked = now();
    const answer = new Promise((resolve) => (channel.onmessage = ({ data }) => resolve(data)));
    channel.postMessage("?");
    const there = await answer;
    const back = now();
    if (back - asked < best.trip) best = { trip: back - asked, apart: Math.abs(there - (asked + back) / 2) };
  }
  return best;
}

export const clock = {
  now,

  /** Tells its time to the page that asks, until it is ended. */
  answer() {
    answering = new BroadcastChannel(CHANNEL);
    answering.onmessage = () => answering.postMessage(now());
  },

  end: () => answering.close(),

  /** Fails where the other page's clock is not this one's. */
  async compare() {
    const channel = new BroadcastChannel(CHANNEL);
    const { trip, apart } = await quickest(channel);
    channel.close();
    check(apart <= trip / 2 + APART_MS, `the clocks of two pages are ${apart.toFixed(3)} ms apart`);
    return { trip, apart };
  },
};
