import type { AgentDataStore, DataRecord, Json, JsonObject } from "agent-datastore";
import { confirmed } from "./confirm";
import { asksBeforeDiscarding } from "./discard";
import { button, input, part, showText } from "./dom";
import { describeError } from "./errors";
import { parseJson, parseJsonObject, prettyJson } from "./json";
import { inform } from "./notice";
import type { Session } from "./session";

export interface Editor {
  add(): void;
  edit(record: DataRecord): void;
}

/** A mistake of the person who writes, told beside the field that it is in. */
class FieldError extends Error {
  constructor(
    readonly field: HTMLElement,
    error: unknown,
  ) {
    super(describeError(error));
  }
}

/** A text area turns every line end into a line feed. */
const fitsTextArea = (text: string): boolean => !text.includes("\r");

/** The string that `json` stands for, or null where it is no JSON string. */
function jsonString(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

/** The form in which a record is written. */
export function setUpEditor(session: Session): Editor {
  const dialog = part("editor", HTMLDialogElement);
  const key = input("editor-key");
  const value = part("editor-value", HTMLTextAreaElement);
  const metadata = part("editor-metadata", HTMLTextAreaElement);
  const asText = input("editor-as-text");
  const asJson = input("editor-as-json");
  const valueError = part("editor-value-error", HTMLElement);
  const metadataError = part("editor-metadata-error", HTMLElement);
  const error = part("editor-error", HTMLElement);
  let store: AgentDataStore = session.store;
  let before: DataRecord | null = null;
  const filledIn = asksBeforeDiscarding(dialog, () => JSON.stringify([key.value, value.value, metadata.value]));

  const clearErrors = (): void => {
    for (const shown of [valueError, metadataError, error]) showText(shown, null);
  };

  const readField = <T>(field: HTMLElement, read: () => T): T => {
    try {
      return read();
    } catch (mistake) {
      throw new FieldError(field, mistake);
    }
  };

  const readMetadata = (): JsonObject => {
    const text = metadata.value.trim();
    const written = text === "" ? {} : parseJsonObject(text);
    const gone = Object.keys(before?.metadata ?? {}).filter((name) => !Object.hasOwn(written, name));
    // The store merges metadata, so a field that is left out would silently stay.
    if (gone.length > 0) throw new Error(`Fields of metadata stay once they are set: ${gone.join(", ")}. Set them to null instead.`);
    return written;
  };

  const mayOverwrite = async (record: DataRecord): Promise<boolean> => {
    const now = await store.getRecord(record.key);
    if (now?.updatedAt === record.updatedAt) return true;
    return confirmed({
      title: "Changed meanwhile",
      text: now ? "Somebody else wrote this record after you opened it." : "Somebody else deleted this record after you opened it.",
      yes: "Write mine",
    });
  };

  const save = async (): Promise<void> => {
    clearErrors();
    const written: Json = readField(valueError, () => (asText.checked ? value.value : parseJson(value.value)));
    const fields = readField(metadataError, readMetadata);
    if (before === null && (await store.has(key.value))) throw new Error("This key exists already. Open it to change it.");
    if (before !== null && !(await mayOverwrite(before))) return;
    await store.set(key.value, written, { metadata: fields });
    dialog.close();
    session.dataChanged();
    session.go({ user: store.user, namespace: store.namespace, key: key.value });
    inform("The record is saved.");
  };

  const open = (title: string, record: DataRecord | null): void => {
    before = record;
    store = session.store;
    const text = typeof record?.value === "string" && fitsTextArea(record.value);
    part("editor-title", HTMLElement).textContent = title;
    key.value = record?.key ?? "";
    key.readOnly = record !== null;
    asText.checked = text;
    asJson.checked = !text;
    value.value = !record ? "" : text && typeof record.value === "string" ? record.value : prettyJson(record.value);
    metadata.value = record && Object.keys(record.metadata).length > 0 ? prettyJson(record.metadata) : "";
    filledIn();
    clearErrors();
    dialog.showModal();
    (record ? value : key).focus();
  };

  asText.addEventListener("change", () => {
    const text = jsonString(value.value);
    if (text === null) return;
    if (fitsTextArea(text)) value.value = text;
    else {
      asJson.checked = true;
      showText(valueError, "This text has carriage returns, which a text field would lose. Edit it as JSON.");
    }
  });
  asJson.addEventListener("change", () => {
    value.value = JSON.stringify(value.value);
  });
  part("editor-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const saveButton = button("editor-save");
    saveButton.disabled = true;
    save()
      .catch((mistake: unknown) => {
        if (mistake instanceof FieldError) showText(mistake.field, mistake.message);
        else showText(error, describeError(mistake));
      })
      .finally(() => {
        saveButton.disabled = false;
      });
  });

  return {
    add: () => open("Add a record", null),
    edit: (record) => open("Edit the record", record),
  };
}
