/** Small cuts of text. */

/** What of an output is kept in the store. @internal */
export const outputBytes: number = 64 * 1024;

/** The first `bytes` of a text, never cutting a character. @internal */
export function headOf(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.toString("utf8", 0, end);
}

/** The last `bytes` of a text, never cutting a character. @internal */
export function tailOf(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let from = encoded.length - bytes;
  while (from < encoded.length && ((encoded[from] ?? 0) & 0xc0) === 0x80) from++;
  return encoded.toString("utf8", from);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
const controls = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** The last line that says something, without colours, short enough to be a reason. @internal */
export function lastLineOf(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replace(controls, "").trim());
  return oneLine(lines.findLast((line) => line !== "") ?? "");
}

/** A text as one line for people. @internal */
export function oneLine(text: string, length = 300): string {
  const line = text.replace(controls, "").replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
