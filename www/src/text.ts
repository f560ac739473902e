/** The text of a file's bytes, with its byte order mark, or why it is not text. */
export function decodeText(bytes: Uint8Array): { text: string } | { reason: string } {
  const nul = bytes.indexOf(0);
  if (nul !== -1) return { reason: `binary file (NUL byte at ${nul})` };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { reason: "not UTF-8 text" };
  }
}
