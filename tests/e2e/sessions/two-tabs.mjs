import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("two tabs", () => {
  test("show each other's runs and files, and know a run under way from one that was cut short", async () => {
    const { sessions } = stage;
    await sessions.openNew();
    await sessions.runs("add a function area to shapes.ts");
    const other = await stage.newTab();
    await other.open({ delay: 120, session: sessions.session });
    await other.apply(1);
    await sessions.page.bringToFront();
    await sessions.run(1).getByText("Applied: shapes.ts").waitFor();
    await sessions.waitForRows(["shapes.ts"]);

    await other.page.bringToFront();
    await other.ask("add a function volume to shapes.ts");
    await other.page.locator("#running [data-model=writer]").filter({ hasText: "I put" }).waitFor();
    await sessions.page.bringToFront();
    await sessions.banner.getByText("A run is under way in another tab").waitFor();
    assert.equal(await sessions.button("Continue").count(), 0);
    assert.ok(await sessions.button("Rewind").isDisabled());
    await sessions.ask("meanwhile");
    await sessions.said("A run of this session is under way.");
    assert.equal(await sessions.prompt.inputValue(), "meanwhile");
    await other.page.close();
    await sessions.banner.getByText("A run was cut short").waitFor();
    await sessions.button("Continue").click();
    await sessions.answer(2, "writer").getByText("Nothing else changes.").waitFor();

    const third = await stage.newTab();
    await third.open({ session: sessions.session });
    await third.button("Rewind").click();
    await third.waitForEntries(["run", "rewound", "rewind"]);
    await sessions.page.bringToFront();
    await sessions.waitForEntries(["run", "rewound", "rewind"]);
    await third.page.bringToFront();
    await third.button("Delete").click();
    await third.confirm("Delete");
    await third.button("Begin a session").waitFor();
    await sessions.page.bringToFront();
    await sessions.said("This session is not there any more.");
    await sessions.button("Begin a session").waitFor();
  });
});
