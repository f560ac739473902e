type PickDirectory = (options: { mode: "read" | "readwrite" }) => Promise<FileSystemDirectoryHandle>;

/** Not every browser lets a page into a directory. */
export const canPickDirectory = (): boolean => "showDirectoryPicker" in window;

/** Resolves to null where nothing was chosen. */
export async function pickDirectory(mode: "read" | "readwrite"): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await (window as unknown as { showDirectoryPicker: PickDirectory }).showDirectoryPicker({ mode });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    throw error;
  }
}

export const NOTHING_CHOSEN = "No directory was chosen.";
