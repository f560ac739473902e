import { readFile } from "node:fs/promises";

/** The dialog of the files that go out and come in, of whichever page is on the stage. */
export function transferDialogOf(stage) {
  const dialog = () => stage.page.locator("#transfer");
  const press = (name) => dialog().getByRole("button", { name, exact: true }).click();
  return {
    dialog,
    press,
    said: (text) => dialog().getByRole("status").filter({ hasText: text }).waitFor(),
    async exported() {
      const [file] = await Promise.all([stage.page.waitForEvent("download"), press("Export")]);
      return { name: file.suggestedFilename(), buffer: await readFile(await file.path()) };
    },
    async importFiles(...files) {
      const chosen = files.map((file) => ({ mimeType: "application/octet-stream", ...file }));
      await dialog().getByLabel("Import").and(stage.page.locator("input[type=file]")).setInputFiles(chosen);
      await press("Import");
    },
  };
}
