import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

describe("looks", () => {
  test("in light and dark, wide and narrow", async () => {
    const { sessions, page } = stage;
    const isNotWider = async (what) => {
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.equal(wider, 0, `${what} scrolls sideways`);
    };
    await sessions.open({ delay: 30 });
    await stage.picture("welcome-light");
    await sessions.openWithExample({ delay: 30 });
    await page.locator("#notice").waitFor({ state: "hidden" });
    await stage.picture("light");
    await sessions.file("shapes.ts").click();
    await sessions.shows("surface");
    await page.emulateMedia({ colorScheme: "dark" });
    await stage.picture("dark");
    await sessions.button("Rewind").click();
    await sessions.changed("is taken back");
    await page.locator("#notice-close").click();
    await page.locator("#changes").scrollIntoViewIfNeeded();
    await stage.picture("rewound-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator(".side").evaluate((box) => (box.scrollTop = 0));
    await stage.picture("rewound-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await sessions.ask("add a function edge to src/shapes.ts");
    await page.locator("#running [data-model=writer]").filter({ hasText: "I put edge" }).waitFor();
    await stage.picture("running-dark");
    await page.keyboard.press("Escape");
    await sessions.banner.waitFor();
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("#work-scroll").evaluate((box) => (box.scrollTop = 0));
    await stage.picture("stopped-light");
    await page.locator("#recipe > summary").click();
    await page.locator("#recipe").scrollIntoViewIfNeeded();
    await stage.picture("recipe-light");
    await page.getByText(/^Prompts \(/).click();
    await stage.picture("prompts-light");
    await page.keyboard.press("Escape");
    await sessions.button("Files").click();
    await stage.picture("transfer-light");
    await page.keyboard.press("Escape");

    await page.setViewportSize(NARROW);
    await stage.picture("narrow-light");
    await isNotWider("the page of runs");
    await page.emulateMedia({ colorScheme: "dark" });
    await sessions.button("Files and recipe").click();
    await page.locator(".side").evaluate((box) => (box.scrollTop = 0));
    await stage.picture("narrow-files-dark");
    await isNotWider("the page of files");
    await sessions.button("\u2039 Sessions").click();
    await stage.picture("narrow-list-dark");
    await isNotWider("the list");
    await page.emulateMedia({ colorScheme: "light" });
    await sessions.row("add a function area").click();
    await sessions.button("Runs").click();
    assert.ok(await sessions.prompt.isVisible());
    for (const path of ["", "chat/", "snapshots/"]) {
      await page.goto(`${sessions.origin}/${path}?db=${encodeURIComponent(sessions.database)}#user=ada`);
      await page.locator("body[data-state=open]").waitFor();
      await isNotWider(`the page /${path}`);
    }
    await page.setViewportSize(WIDE);
  });
});
