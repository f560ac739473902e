// Export and import against a store in Python that was written by the specification alone. Needs python3, 3.11 or later, and the package that
// scripts/build.sh makes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { open } from "../../pkg/node/index.js";

const SCRIPT = fileURLToPath(new URL("../portable/message_store.py", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "portable-"));
after(() => rmSync(root, { recursive: true, force: true }));

function python(args, input) {
  const { status, stdout, stderr, error } = spawnSync("python3", [SCRIPT, ...args], { input, encoding: "utf8", maxBuffer: 1e9 });
  assert.ok(!error, `python3 is needed for this test, 3.11 or later: ${error?.message}`);
  assert.equal(status, 0, stderr);
  return stdout;
}

function write(name, files) {
  const folder = join(root, name);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function read(folder) {
  const paths = ["message_store.json", ...readdirSync(join(folder, "conversations")).map((name) => `conversations/${name}`)];
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

const byPath = (files) => [...files].sort(([one], [other]) => (one < other ? -1 : 1));
const newStore = async (user) => (await open({ backend: "memory" })).messageStore({ user });

/** All that can be seen of a store. */
async function everything(store) {
  const all = [];
  for (const { revision: _, ...conversation } of await store.getAllConversations()) {
    const ids = (await linesOf(store)).filter(({ type, conversationId }) => type === "message" && conversationId === conversation.id);
    const messages = await Promise.all(ids.map(({ id }) => store.getMessage(conversation.id, id)));
    const [path, actions] = [await store.getConversationMessages(conversation.id), await store.getConversationActions(conversation.id)];
    all.push({ conversation, messages, path, actions });
  }
  return all;
}

async function linesOf(store) {
  let text = "";
  for await (const piece of store.exportLines()) text += piece;
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

async function filled() {
  const store = await newStore("u");
  const chat = await store.createConversation({ id: "chat", title: "Trip é😀", metadata: { agent_datastore: 1, n: [1e21, 0.1, 1.5e-7, 1e16, -0.5, 2 ** 53] } });
  const first = await store.addMessage("chat", "Where \u007f\u0000 to?\n", { id: "q", createdAt: "2025-03-13T15:11:33.447327+05:30" });
  await store.addMessage("chat", [{ type: "text", text: "There" }, { type: "file", mediaType: "image/png", data: "AA==" }], {
    role: "assistant",
    usage: { inputTokens: 12, cost: 0.000000001 },
    metadata: { model: "m" },
  });
  await store.editMessage("chat", first.id, "Where else?");
  const answer = await store.beginMessage("chat");
  answer.append("Nowh");
  await answer.fail(new Error("lost"));
  await store.addMessage("chat", "beside", { siblingOf: answer.id });
  await store.switchBranch("chat", answer.id);
  await store.addAction("chat", "click", { button: null });
  await store.updateConversation(chat.id, { archived: true });
  await store.createConversation({ id: "second" });
  await store.addMessages("second", Array.from({ length: 100 }, (_, index) => ({ content: `${index}`, role: index % 2 ? "assistant" : "user" })));
  await store.createConversation({ id: "a/b:c" });
  return store;
}

test("an export loads in a store written by the specification, and says there what it says here", async () => {
  const store = await filled();
  const folder = write("export", await store.exportFiles());
  const found = JSON.parse(python(["check", folder]));
  assert.deepEqual(Object.keys(found), ["chat", "second", "a%2Fb%3Ac"]);
  assert.equal(found.chat.title, "Trip é😀");
  const texts = found.chat.messages.map(({ content, role }) => [content, role]);
  assert.deepEqual(texts, [["Where else?", "user"], ["Nowh", "assistant"]]);
  assert.deepEqual(found.second.messages.map(({ content }) => content), Array.from({ length: 100 }, (_, index) => `${index}`));
  assert.deepEqual(found.chat.actions[0].data, { button: null });
  const branch = found.chat.metadata.agent_datastore.branches[0];
  assert.equal(branch.created_at, "2025-03-13T09:41:33.447327");
  assert.equal(found["a%2Fb%3Ac"].id, "a/b:c");
});

test("what that store saves again is the same to the byte, and comes back here as equal records", async () => {
  const store = await filled();
  const ids = ["chat", "second"];
  const files = await store.exportFiles({ ids });
  const again = join(root, "again");
  python(["resave", write("first", files), again]);
  assert.deepEqual(byPath(read(again)), byPath(files));
  await store.deleteConversation("a/b:c");
  const other = await newStore("v");
  assert.deepEqual(await other.importFiles(read(again)), { imported: 2, skipped: 0 });
  assert.deepEqual(await everything(other), await everything(store));
  assert.deepEqual(await linesOf(other), await linesOf(store));
});

test("what that store made by itself comes back equal", async () => {
  const folder = join(root, "sample");
  const found = JSON.parse(python(["sample", folder]));
  const store = await newStore("u");
  assert.deepEqual(await store.importFiles(read(folder)), { imported: 3, skipped: 0 });
  const conversations = await store.getAllConversations();
  assert.deepEqual(conversations.map(({ id }) => id), Object.keys(found));
  const utc = (time) => (/[+-]\d\d:\d\d$/.test(time) ? new Date(time) : new Date(`${time}Z`)).getTime();
  for (const { id, title, createdAt, metadata } of conversations) {
    const record = found[id];
    assert.deepEqual([title, Date.parse(createdAt), metadata], [record.title, utc(record.created_at), record.metadata]);
    const messages = await store.getConversationMessages(id);
    const seen = messages.map(({ id, content, role, metadata, createdAt }) => [id, content, role, metadata, Date.parse(createdAt)]);
    assert.deepEqual(seen, record.messages.map(({ id, content, role, metadata, created_at }) => [id, content, role, metadata, utc(created_at)]));
    const actions = await store.getConversationActions(id);
    assert.deepEqual(actions.map(({ id, actionType, data }) => [id, actionType, data]), record.actions.map(({ id, action_type, data }) => [id, action_type, data]));
  }
  assert.deepEqual(byPath(await store.exportFiles()), byPath(read(folder)));
});

test("an archive is unpacked to the files, and one that was packed elsewhere comes back equal", async () => {
  const store = await filled();
  const [archive, folder, packed] = ["store.zip", "unpacked", "packed.zip"].map((name) => join(root, name));
  writeFileSync(archive, Buffer.from(await (await store.exportZip()).arrayBuffer()));
  python(["unpack", archive, folder]);
  assert.deepEqual(byPath(read(folder)), byPath(await store.exportFiles()));
  python(["pack", folder, packed]);
  const other = await newStore("v");
  assert.deepEqual(await other.importZip(readFileSync(packed)), { imported: 3, skipped: 0 });
  assert.deepEqual(await linesOf(other), await linesOf(store));
});

test("numbers are written as Python writes them, whatever they are", async () => {
  const numbers = [];
  const bytes = new DataView(new ArrayBuffer(8));
  let state = 88172645463325252n;
  while (numbers.length < 20_000) {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    bytes.setBigUint64(0, state);
    const number = bytes.getFloat64(0);
    const small = Number(state % 1_000_000_007n) / 1000;
    const power = 2 ** Number((state % 2098n) - 1074n);
    for (const each of [number, small, power, small * power]) {
      if (!Number.isFinite(each)) continue;
      numbers.push(each.toExponential(), each.toPrecision(17), each.toPrecision(20), each.toExponential(Number(state % 30n)));
    }
  }
  const list = `[${numbers.join(",")}]`;
  const store = await newStore("u");
  await store.importFiles({ "conversations/n.json": `{"metadata": {"list": ${list}}}` });
  const text = (await store.exportFiles()).get("conversations/n.json");
  const written = text.slice(text.indexOf("[") + 1, text.indexOf("]")).split(",").map((number) => number.trim());
  const wanted = python(["numbers"], list).slice(1, -1).split(",").map((number) => number.trim());
  assert.equal(written.length, wanted.length);
  written.forEach((number, place) => assert.equal(number, wanted[place], numbers[place]));
});
