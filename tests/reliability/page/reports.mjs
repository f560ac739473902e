// Reports leave one after the other, so that none overtakes another, and are sent again where the connection broke: in
// WebKit they pass through the very process that a test kills.

const run = new URLSearchParams(location.search).get("run");
const waiting = [];
let acknowledged;
let sending = false;

async function post(report) {
  for (;;) {
    try {
      const response = await fetch("/report", { method: "POST", body: JSON.stringify({ run, ...report }) });
      if (!response.ok) throw new Error(`the server says ${response.status}`);
      return await response.json();
    } catch {
      await new Promise((again) => setTimeout(again, 50));
    }
  }
}

async function send() {
  if (sending) return;
  sending = true;
  while (waiting.length > 0) {
    const { report, answered } = waiting.shift();
    if (report === acknowledged) acknowledged = undefined;
    answered(await post(report));
  }
  sending = false;
}

/** Sends a report. Resolves to what the driver answers. */
export function ask(type, report = {}) {
  return new Promise((answered) => {
    waiting.push({ report: { type, ...report }, answered });
    send();
  });
}

/** Sends a report. */
export function tell(type, report) {
  void ask(type, report);
}

/**
 * Reports a batch as acknowledged; those that come while others are under way are sent as one. That says when the newest
 * write in it began, and when the first was done that had begun as late.
 */
export function acknowledge(number, started, done) {
  if (!acknowledged) {
    acknowledged = { type: "acknowledged", number: 0, count: 0, started: 0, done: 0 };
    waiting.push({ report: acknowledged, answered() {} });
  }
  acknowledged.number = Math.max(acknowledged.number, number);
  if (started > acknowledged.started) Object.assign(acknowledged, { started, done });
  acknowledged.count++;
  send();
}
