globalThis.report = (...report) => postMessage({ report });
const t = await import("./index.mjs");

onmessage = async ({ data: { id, call, parameters } }) => {
  try {
    postMessage({ id, value: await t[call](...parameters) });
  } catch (error) {
    postMessage({ id, error: String(error?.stack ?? error) });
  }
};
postMessage({ ready: true });
