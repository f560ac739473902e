import type { Json, SnapshotVersion } from "agent-datastore";
import { confirmed } from "../confirm";
import { asksBeforeDiscarding } from "../discard";
import { button, input, part, showText } from "../dom";
import { describeError } from "../errors";
import { parseJson, prettyJson } from "../json";
import { inform } from "../notice";
import { scopeText } from "./place";
import type { SnapshotSession } from "./snapshot-session";

export interface SnapshotEditor {
  /** A new key in the scope that is shown, or in a new scope below it. */
  add(inNewScope: boolean): void;
  edit(scope: string[], key: string, value: Json, current: SnapshotVersion): void;
}

interface Edited {
  scope: string[];
  /** What the key had when the form was opened; nothing for a key that has to be new. */
  before: SnapshotVersion | undefined;
}

/** Numbers alone do not tell: those of a key that was deleted begin anew. */
const isSame = (one: SnapshotVersion | undefined, other: SnapshotVersion | undefined): boolean => one?.version === other?.version && one?.hash === other?.hash;

const START_VALUE = "{\n  \n}";

/** The form in which a value is written. */
export function setUpSnapshotEditor(session: SnapshotSession, changed: () => Promise<void>): SnapshotEditor {
  const dialog = part("editor", HTMLDialogElement);
  const scopeField = part("editor-scope-field", HTMLElement);
  const scope = input("editor-scope");
  const key = input("editor-key");
  const value = part("editor-value", HTMLTextAreaElement);
  const valueError = part("editor-value-error", HTMLElement);
  const failure = part("editor-error", HTMLElement);
  const filledIn = asksBeforeDiscarding(dialog, () => JSON.stringify([scope.value, key.value, value.value]));
  let edited: Edited = { scope: [], before: undefined };

  const readValue = (): Json | undefined => {
    try {
      return parseJson(value.value);
    } catch (error) {
      showText(valueError, describeError(error));
      value.focus();
      return undefined;
    }
  };

  const mayWrite = async (path: string[], before: SnapshotVersion | undefined): Promise<boolean> => {
    const [now] = await session.storeAt(path).versions(key.value);
    if (!before && now) throw new Error("This key exists already. Open it to change it.");
    if (isSame(now, before)) return true;
    const text = now ? "Somebody else saved another value after you opened it." : "Somebody else deleted this snapshot after you opened it.";
    return confirmed({ title: "Changed meanwhile", text, yes: "Save mine" });
  };

  const save = async (): Promise<void> => {
    for (const shown of [valueError, failure]) showText(shown, null);
    const written = readValue();
    if (written === undefined) return;
    const path = scopeField.hidden ? edited.scope : [...edited.scope, scope.value];
    if (!(await mayWrite(path, edited.before))) return;
    await session.storeAt(path).save(key.value, written);
    dialog.close();
    session.go({ scope: path, key: key.value });
    await changed();
    inform("The snapshot is saved.");
  };

  const open = (title: string, what: Edited, inNewScope: boolean): void => {
    edited = what;
    part("editor-title", HTMLElement).textContent = title;
    part("editor-where", HTMLElement).textContent = scopeText(what.scope);
    scopeField.hidden = !inNewScope;
    scope.required = inNewScope;
    scope.value = "";
    key.readOnly = what.before !== undefined;
    for (const shown of [valueError, failure]) showText(shown, null);
  };

  part("editor-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const saveButton = button("editor-save");
    saveButton.disabled = true;
    save()
      .catch((error: unknown) => showText(failure, describeError(error)))
      .finally(() => {
        saveButton.disabled = false;
      });
  });

  return {
    add: (inNewScope) => {
      open(inNewScope ? "Add a scope" : "Add a key", { scope: session.place.scope, before: undefined }, inNewScope);
      key.value = "";
      value.value = START_VALUE;
      filledIn();
      dialog.showModal();
      (inNewScope ? scope : key).focus();
    },
    edit: (path, name, shown, current) => {
      open("Save a new value", { scope: path, before: current }, false);
      key.value = name;
      value.value = prettyJson(shown);
      filledIn();
      dialog.showModal();
      value.focus();
      value.setSelectionRange(0, 0);
    },
  };
}
