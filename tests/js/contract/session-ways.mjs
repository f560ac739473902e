import { equal, ok, rejects, same } from "./assert.mjs";
import { answer, begin, run } from "./sessions.mjs";

/** A caller's own files. */
function disk(files) {
  const texts = new Map(Object.entries(files));
  return {
    texts,
    read: async (path) => texts.get(path),
    write: (path, content) => void texts.set(path, content),
    remove: async (path) => void texts.delete(path),
  };
}

const state = async (session) => {
  const { runs } = await session.metadata();
  const paths = await session.listFiles();
  const files = await Promise.all(paths.map(async (path) => [path, await session.readFile(path)]));
  return { runs, histories: await session.histories(), steps: await session.rewindEntries(), files };
};

export default [
  {
    name: "a rewind cuts histories, marks the run, and is told of in its note",
    async run(api) {
      const { session, sessions } = await begin(api);
      await rejects(() => session.rewind(), "NOT_FOUND");
      await run(session, "first", [answer("m1", "1"), answer("m2", "2")]);
      await run(session, "second", [answer("m1", "3")]);
      await session.updateLastRunNote("Applied: foo.go");
      equal(await session.rewindStackLen(), 2);
      same((await session.rewindEntries()).map(({ feedIndex }) => feedIndex), [0, 1]);
      same(await session.rewind(), { fileMsg: "", feedIndex: 1, note: "[rewound] Applied: foo.go" });
      equal((await session.histories()).m1.length, 2);
      same(await sessions.open("ses_x").rewind(), { fileMsg: "", feedIndex: 0, note: "[rewound]" });
      same([await session.histories(), await session.canRewind()], [null, false]);
      const { runs, promptCount } = await session.metadata();
      same([promptCount, runs.map(({ type }) => type), runs[2].models], [2, [undefined, undefined, "rewind", "rewind"], null]);
      equal(runs[2].promptHash, api.module.promptHash("second"));
      equal((await session.content()).runs.length, 2);
      await session.pushRewindEntry({ prompt: "p" });
      await session.clearRewindStack();
      equal(await session.canRewind(), false);
    },
  },
  {
    name: "a rewind puts the database's files back, and a redo makes it all again",
    async run(api) {
      const { session, sessions } = await begin(api);
      await session.writeFile("src/a.txt", "before");
      await run(session, "change", [answer("m", "done")]);
      const writes = [{ path: "src/a.txt", content: "after" }, { path: "/new.txt", content: "new" }, { path: "gone", delete: true }];
      same(await session.applyWrites(writes), [
        { path: "/src/a.txt", content: "before", didNotExist: false },
        { path: "/new.txt", content: "", didNotExist: true },
      ]);
      await session.updateLastRunNote("Applied");
      const before = await state(session);
      await session.rewind();
      same(await session.listFiles(), ["/src/a.txt"]);
      equal(await session.readFile("src/a.txt"), "before");
      same([await session.canRedo(), await session.redoStackLen()], [true, 1]);
      same(await sessions.open("ses_x").redo(), { fileMsg: "", feedIndex: 0, note: "Applied" });
      same(await state(session), before);
      await rejects(() => session.redo(), "NOT_FOUND");
      await session.rewind();
      await session.writeFile("other", "x");
      equal(await session.canRedo(), false);
    },
  },
  {
    name: "a rewind puts the caller's files back as far as it can, and a redo too",
    async run(api) {
      const { session } = await begin(api);
      await run(session, "p", [answer("m", "t")]);
      const files = disk({ "/w/a": "before", "/w/c": "kept" });
      const writes = [{ path: "a", content: "after" }, { path: "b", content: "new" }];
      const snapshots = await session.snapshotFiles(writes, { files, workingDirectory: "/w" });
      same(snapshots, [{ path: "/w/a", content: "before", didNotExist: false }, { path: "/w/b", content: "", didNotExist: true }]);
      await rejects(() => session.snapshotFiles([{ path: "../x" }], { files, workingDirectory: "/w" }), "INVALID_ARGUMENT");
      files.texts.set("/w/a", "after").set("/w/b", "new");
      await session.pushFileSnapshots([{ path: "/broken", content: "x", didNotExist: false }, ...snapshots]);
      const write = files.write;
      files.write = (path, content) => {
        if (path === "/broken") throw new Error("read-only disk");
        return write(path, content);
      };
      equal((await session.rewind({ files })).fileMsg, " (file restore warning: read-only disk)");
      same(Object.fromEntries(files.texts), { "/w/a": "before", "/w/c": "kept" });
      await session.redo({ files });
      same(Object.fromEntries(files.texts), { "/w/a": "after", "/w/c": "kept", "/w/b": "new" });
    },
  },
  {
    name: "going back to a run takes back all later ones at once",
    async run(api) {
      const { session } = await begin(api);
      for (const n of [0, 1, 2, 3]) {
        await run(session, `p${n}`, [answer("m", `t${n}`)]);
        await session.applyWrites([{ path: "f", content: String(n) }]);
      }
      await rejects(() => session.rewindTo(3), "NOT_FOUND");
      same((await session.rewindTo(1)).map(({ feedIndex }) => feedIndex), [3, 2]);
      same([await session.readFile("f"), (await session.histories()).m.length, await session.rewindStackLen()], ["1", 4, 2]);
      await session.redo();
      same([await session.readFile("f"), (await session.histories()).m.length], ["2", 6]);
      same((await session.rewindTo(-1)).map(({ feedIndex }) => feedIndex), [2, 1, 0]);
      same([await session.listFiles(), await session.histories()], [[], null]);
      for (let n = 0; n < 4; n++) await session.redo();
      same([await session.readFile("f"), (await session.histories()).m.length, (await session.metadata()).runs.length], ["3", 8, 4]);
    },
  },
  {
    name: "a fork begins as the session was right after a run, and goes its own way",
    async run(api) {
      const { session, sessions } = await begin(api);
      for (const n of [0, 1, 2]) {
        await run(session, `p${n}`, [answer("m", `t${n}`, { costUsd: 1 })]);
        await session.applyWrites([{ path: "f", content: String(n) }]);
      }
      const fork = await session.fork({ run: 1, title: "Another way" });
      ok(fork instanceof api.module.SessionStore && fork.sessionId() !== "ses_x");
      same([await fork.readFile("f"), (await fork.histories()).m.length, (await fork.metadata()).runs.length, (await fork.usage()).total.costUsd], ["1", 4, 2, 0]);
      const { title, lastPrompt, promptCount } = (await sessions.list()).find(({ id }) => id === fork.sessionId());
      same([title, lastPrompt, promptCount], ["Another way", "p1", 2]);
      await fork.rewind();
      await fork.writeFile("g", "only here");
      same([await session.readFile("f"), await session.readFile("g"), (await session.histories()).m.length], ["2", null, 6]);
      await rejects(() => session.fork({ run: 7 }), "NOT_FOUND");
      await rejects(() => session.fork({ id: "ses_x" }), "ALREADY_EXISTS");
      await rejects(() => session.fork({ run: -1 }), "INVALID_ARGUMENT");
      ok((await session.fork({ id: "" })).sessionId().startsWith("ses_"));
      // A length beyond what a browser's memory has places for does not cut.
      const long = sessions.open("long");
      await run(long, "p", [answer("m", "t")]);
      await long.persistRunState("q", []);
      await long.pushRewindEntry({ historyLengths: { m: Number.MAX_SAFE_INTEGER }, prompt: "q" });
      equal((await (await long.fork({ run: 0 })).histories()).m.length, 2);
      await session.rewind();
      await rejects(() => session.fork({ run: 2 }), "INVALID_ARGUMENT");
      await rejects(() => sessions.open("nothing").fork(), "NOT_FOUND");
      // In the order of the calls, though nobody waits.
      session.writeFile("order", "1");
      const ordered = session.fork();
      session.writeFile("order", "2");
      equal(await (await ordered).readFile("order"), "1");
      equal((await (await session.fork({ id: "mine" })).histories()).m.length, 4);
    },
  },
  {
    name: "files are of one session, by paths that stay below the top",
    async run(api) {
      const { session, sessions } = await begin(api);
      await session.writeFile("./a/../b/c.txt", "1");
      await session.writeFile("/b/__proto__", "2");
      same(await session.listFiles(), ["/b/__proto__", "/b/c.txt"]);
      same(await session.listFiles("/b/c"), ["/b/c.txt"]);
      same([await session.readFile("b//c.txt"), await session.readFile("nope"), await sessions.open("other").readFile("/b/c.txt")], ["1", null, null]);
      same([await session.removeFile("b/c.txt"), await session.removeFile("b/c.txt")], [true, false]);
      for (const path of ["..", "a/../../b", "", "/"]) await rejects(() => session.writeFile(path, "x"), "INVALID_ARGUMENT");
      await rejects(() => session.applyWrites([{ path: "ok", content: "x" }, { path: "../no" }]), "INVALID_ARGUMENT");
      same(await session.listFiles(), ["/b/__proto__"]);
    },
  },
];
