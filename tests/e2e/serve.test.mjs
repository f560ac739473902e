import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "./serve.mjs";

let folder;
let server;

/** Asks for exactly this path; `fetch` would tidy it up first. */
function ask(path, method = "GET") {
  return new Promise((answered, failed) => {
    const { hostname, port } = new URL(server.origin);
    request({ hostname, port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (body += part));
      response.on("end", () => answered({ status: response.statusCode, type: response.headers["content-type"], body }));
    })
      .on("error", failed)
      .end();
  });
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "agent-datastore-serve-"));
  await mkdir(join(folder, "site", "sub"), { recursive: true });
  await mkdir(join(folder, "package"));
  await mkdir(join(folder, "site-secret"));
  await writeFile(join(folder, "site", "index.html"), "start");
  await writeFile(join(folder, "site", "sub", "a b.js"), "script");
  await writeFile(join(folder, "package", "x.wasm"), "module");
  await writeFile(join(folder, "site-secret", "secret.txt"), "secret");
  await writeFile(join(folder, "secret.txt"), "secret");
  await symlink(join(folder, "secret.txt"), join(folder, "site", "link.txt"));
  server = await serve({ "/": join(folder, "site"), "/pkg": join(folder, "package") });
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test("files of each mount are served with their type", async () => {
  assert.deepEqual(await ask("/?query"), { status: 200, type: "text/html; charset=utf-8", body: "start" });
  assert.deepEqual(await ask("/sub/a%20b.js"), { status: 200, type: "text/javascript; charset=utf-8", body: "script" });
  assert.deepEqual(await ask("/pkg/x.wasm"), { status: 200, type: "application/wasm", body: "module" });
  assert.equal((await ask("/pkg/x.wasm", "HEAD")).body, "");
});

test("nothing outside the folders is served", async () => {
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/sub/..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/../site-secret/secret.txt",
    "/-secret/secret.txt",
    "/link.txt",
    "/pkg/../index.html/",
    "/pkg/..%2fsecret.txt",
    "/sub",
    "/missing",
    "/index.html%00.js",
  ]) {
    const { status, body } = await ask(path);
    assert.equal(status, 404, path);
    assert.ok(!body.includes("secret"), path);
  }
  assert.equal((await ask("/%")).status, 400);
  assert.equal((await ask("/", "POST")).status, 405);
});

test("what a page reports is taken and answered, where somebody asks for reports", async () => {
  const post = (origin, body) => fetch(`${origin}/report`, { method: "POST", body });
  assert.equal((await post(server.origin, "{}")).status, 405);
  const taken = [];
  const listening = await serve(folder, {}, async (report) => taken.push(report));
  try {
    const answer = await post(listening.origin, '{"a":1}');
    assert.deepEqual([answer.status, await answer.json(), taken], [200, 1, [{ a: 1 }]]);
    assert.equal((await post(listening.origin, "no JSON")).status, 400);
    assert.equal((await fetch(`${listening.origin}/other`, { method: "POST" })).status, 405);
  } finally {
    await listening.close();
  }
});
