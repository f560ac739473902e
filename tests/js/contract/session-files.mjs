import { equal, ok, rejection, rejects, same } from "./assert.mjs";
import { directoryOf } from "./directory.mjs";
import { answer, begin, run, turn } from "./sessions.mjs";

const MARKDOWN = "# Reviewer\nversion: 1\n\n## Models\n- m1\n\n## Constraints\ntimeout: 1m30s\n";

/** The files, without the one that the original does not have. */
const known = (files) => Object.fromEntries([...files].filter(([path]) => !path.endsWith("agent_datastore.json")));

export default [
  {
    name: "a recipe is read from markdown, set, stored, and hashed",
    async run(api) {
      const { parseRecipe, recipeMarkdown, lostInMarkdown, defaultRecipe } = api.module;
      const { recipe, warnings } = parseRecipe(`${MARKDOWN}\n## Surprise\nx\n`);
      same([recipe.name, recipe.models, recipe.constraints, warnings.length], ["Reviewer", ["m1"], { timeout: "1m30s" }, 1]);
      equal(recipeMarkdown(recipe), MARKDOWN);
      same(lostInMarkdown({ ...recipe, metadata: { extends: "base" }, hooks: [{ name: "h", injectOutput: true }] }), ["metadata.extends", "hooks.injectOutput"]);
      same([defaultRecipe().name, defaultRecipe().tools.allowlist.length], ["Errata Default", 9]);
      equal((await rejection(async () => parseRecipe("# no version"))).code, "INVALID_DOCUMENT");

      const { sessions } = await begin(api);
      const session = sessions.open("ses_x", { recipe: defaultRecipe() });
      equal((await session.baseRecipe()).name, "Errata Default");
      await session.saveInitialMeta();
      equal((await sessions.open("ses_x").baseRecipe()).name, "Errata Default", "it is stored");
      await session.setSessionRecipe(recipe);
      const again = sessions.open("ses_x");
      same(
        await Promise.all(["baseRecipe", "sessionRecipe", "activeRecipe"].map(async (name) => (await again[name]()).name)),
        ["Errata Default", "Reviewer", "Reviewer"],
      );
      same((await again.buildRecipeSnapshot()).constraints, { timeout: "1m30s" });
      const hash = await again.recipeHash();
      ok(/^cfg_v1_[0-9a-f]{64}$/.test(hash), hash);
      const lookUp = again.recipeNameLookup();
      same([await lookUp(hash), await lookUp("cfg_v1_0")], ["Reviewer", ""]);
      await again.persistRunState("p", []);
      equal((await again.metadata()).runs[0].configHash, hash);
      equal((await sessions.exportFiles()).get(again.sessionRecipePath()), MARKDOWN);
      const bare = sessions.open("without");
      await bare.persistRunState("p", []);
      equal((await sessions.exportFiles()).has(bare.sessionRecipePath()), false);
      await again.setSessionRecipe(null);
      same([await again.sessionRecipe(), (await again.activeRecipe()).name], [null, "Errata Default"]);
    },
  },
  {
    name: "the store of recipes keeps the first name of a hash",
    async run(api) {
      const { sessions, session } = await begin(api);
      equal(await session.recipeHash(), "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e");
      const recipes = sessions.recipeStore();
      const hash = await recipes.put({ name: "one", version: 1 });
      equal(hash, "cfg_v1_55bb096076e6c9056b7df8b4f724d56e5bbf4afba89d7690477a9946a5899b04");
      equal(await recipes.put({ name: "other", version: 1 }), hash);
      same([await recipes.get(hash), await recipes.get("x")], [{ version: 1, name: "one" }, null]);
      same([await recipes.hashesForName("one"), await recipes.hashesForName("other")], [[hash], []]);
      equal(Object.keys(await session.recipeStore().list()).length, 2);
      const full = {
        version: 1,
        name: "any",
        systemPrompt: "be <helpful>",
        toolGuidance: { b: "2", a: "1" },
        tools: ["bash", "read_file"],
        constraints: { maxSteps: 5, timeout: "3m0s" },
        modelParams: { temperature: 0.7 },
        context: { compactThreshold: 0.8 },
      };
      equal(await recipes.put(full), "cfg_v1_646fd59b9be37a168945671fa4e587b5137c3da11dfc6f3112b2c116ec08263d");
      const others = [{ systemPrompt: "x" }, { tools: ["bash"] }, { toolGuidance: {} }, { bashPrefixes: ["git"] }, { context: { compactThreshold: 0.7 } }, { version: 2 }];
      const hashes = await Promise.all([{}, { name: "other" }, ...others].map((change) => recipes.put({ ...full, ...change })));
      same([hashes[0] === hashes[1], new Set(hashes).size], [true, others.length + 1]);
      await session.setLastActiveTools(["bash"]);
      equal(await session.recipeHash(), "cfg_v0_dd46bbce9ffeb2f138b4511ff264679dc5ea839b2c1914b08688e0c0ab929aaa");
    },
  },
  {
    name: "an export has the files of the original, byte for byte, and an import takes them",
    async run(api) {
      const { sessions } = await begin(api);
      const never = "0001-01-01T00:00:00Z";
      const files = {
        "data/prompt_history.jsonl": '"a"\n"\\u003cb\\u003e\\n\\"日本\\u2028"\n',
        "data/configs.json": '{\n  "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e": {\n    "name": "default"\n  }\n}',
        "data/sessions/ses_x/session_metadata.json": `{"id":"ses_x","created_at":"${never}","last_active_at":"${never}","prompt_count":0,"runs":null}`,
        "data/sessions/ses_x/session_content.json":
          '{"runs":null,"histories":{"a":[{"role":"user","content":"q\\u003c1\\u003e"},{"role":"assistant","content":"A1"}],"x":null}}',
        "data/sessions/ses_x/checkpoint.json":
          `{"prompt":"p","timestamp":"${never}","adapter_ids":["a"],"responses":[{"model_id":"a","latency_ms":0,"input_tokens":0,"output_tokens":0,"cost_usd":0,"error":"e","interrupted":true,"completed":false}],"verbose":false}`,
        "data/sessions/ses_x/recipe.md": MARKDOWN,
      };
      same(await sessions.importFiles(files), { imported: 1, skipped: 0 });
      same(known(await sessions.exportFiles()), files);
      const session = sessions.open("ses_x");
      same((await session.histories()).a, [turn("user", "q<1>"), turn("assistant", "A1")]);
      same([(await session.baseRecipe()).name, (await session.promptHistory())[1]], ["Reviewer", "a"]);
      same(await sessions.importFiles(files, { existing: "skip" }), { imported: 0, skipped: 1 });
      same(await sessions.importFiles(files, { existing: "replace" }), { imported: 1, skipped: 0 });
      await rejects(() => sessions.importFiles(files), "ALREADY_EXISTS");
      same(known(await sessions.exportFiles()), files);
    },
  },
  {
    name: "lines of a file of prompts that are not one string are passed over",
    async run(api) {
      const { session, sessions } = await begin(api);
      await sessions.importFiles({ "data/prompt_history.jsonl": '"a"\nnull\n5\n\n   \n"b"\r\n"c"' });
      same(await session.promptHistory(), ["c", "b", "", "a"]);
      same([await session.recordPrompt("c"), await session.recordPrompt("d")], [false, true]);
      equal((await sessions.exportFiles()).get("data/prompt_history.jsonl"), '"a"\n""\n"b"\n"c"\n"d"\n');
    },
  },
  {
    name: "everything of a session goes through files, a zip archive and a directory",
    async run(api) {
      const { db, sessions, session } = await begin(api);
      await session.writeFile("f", "0");
      await run(session, "one", [answer("m", "t", { costUsd: 1 })]);
      await session.applyWrites([{ path: "f", content: "1" }]);
      await run(session, "two", [answer("m", "t")]);
      await session.rewind();
      await session.accumulateCost("m", 0.5);
      await session.recordPrompt("one");
      await sessions.rename("ses_x", "Title");
      const files = await sessions.exportFiles({ ids: ["ses_x"] });
      const directory = directoryOf();
      await sessions.exportToDirectory(directory);
      const archive = await sessions.exportZip();
      const ways = [(store) => store.importFiles(files), (store) => store.importZip(archive), (store) => store.importFromDirectory(directory)];
      for (const [n, way] of ways.entries()) {
        const store = db.sessions({ user: `user ${n}` });
        same(await way(store), { imported: 1, skipped: 0 });
        same(Object.fromEntries(await store.exportFiles()), Object.fromEntries(files));
        const copy = store.open("ses_x");
        await copy.redo();
        await copy.rewindTo(-1);
        same([await copy.readFile("f"), await copy.totalCost(), (await store.list())[0].title, (await store.usageByDay())[0].total.runs], ["0", 0.5, "Title", 2]);
      }
      await rejects(() => sessions.exportFiles({ ids: ["nope"] }), "NOT_FOUND");
      same(await db.sessions({ user: "twice" }).importZip(await sessions.exportZip({ ids: ["ses_x", "ses_x"] })), { imported: 1, skipped: 0 });
      // What is not there any more does not come back.
      await session.saveCheckpoint(api.module.buildCheckpoint("p", [], [answer("m", "", { interrupted: true })]));
      await sessions.exportToDirectory(directory);
      await session.clearCheckpoint();
      await sessions.exportToDirectory(directory);
      const last = db.sessions({ user: "last" });
      await last.importFromDirectory(directory);
      equal(await last.open("ses_x").loadCheckpoint(), null);
    },
  },
  {
    name: "hostile files of sessions are refused, and change nothing",
    async run(api) {
      const { sessions } = await begin(api);
      const path = (name) => `data/sessions/s/${name}`;
      const metadata = '{"id":"s","created_at":"2024-01-01T00:00:00Z","last_active_at":"2024-01-01T00:00:00Z","prompt_count":0,"runs":null}';
      for (const [name, text] of [
        ["session_metadata.json", "{"],
        ["session_metadata.json", '{"id":7}'],
        ["session_metadata.json", '{"created_at":"yesterday"}'],
        ["session_metadata.json", '{"prompt_count":9223372036854775807}'],
        ["session_content.json", `{"runs":${"[".repeat(200_000)}`],
        ["session_content.json", '{"histories":{"a":[{"role":1}]}}'],
        ["checkpoint.json", "[]"],
        ["recipe.md", "# no version"],
        ["agent_datastore.json", '{"files":{"f":1}}'],
      ]) {
        const error = await rejection(() => sessions.importFiles({ [path("session_metadata.json")]: metadata, "data/sessions/good/session_metadata.json": metadata, [path(name)]: text }));
        ok(error.code === "INVALID_DOCUMENT", `${name}: ${error.message}`);
      }
      same([await sessions.list(), await sessions.open("s").promptHistory()], [[], null]);
      const odd = { "data/sessions/%2E.%2Fx/session_metadata.json": metadata.replace('"s"', '"../x"'), "data/sessions/empty/recipe.md": MARKDOWN, "readme.txt": "x" };
      same(await sessions.importFiles(odd), { imported: 1, skipped: 0 });
      equal((await sessions.list())[0].id, "../x");
    },
  },
];
