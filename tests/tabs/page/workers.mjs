let worker;
const waiting = new Map();

/** Starts a worker that can do what a page can. */
export function startWorker() {
  worker = new Worker("/page/worker.mjs", { type: "module" });
  return new Promise((ready, failed) => {
    worker.onerror = (event) => failed(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (data.ready) ready();
      else if (data.report) globalThis.report(...data.report);
      else waiting.get(data.id)(data);
    };
  });
}

/** Calls what this module exports, in the worker. */
export async function inWorker(call, ...parameters) {
  const id = crypto.randomUUID();
  const answered = new Promise((resolve) => waiting.set(id, resolve));
  worker.postMessage({ id, call, parameters });
  const { value, error } = await answered;
  if (error) throw new Error(error);
  return value;
}

/** Ends it in the middle of whatever it does. */
export function endWorker() {
  worker.terminate();
}
