/** Shortening text without breaking it. */

/**
 * The first `max` characters. The result is a string of its own: it does not
 * keep the whole of a long text in memory, and does not end in half a character.
 *
 * @internal
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max;
  // A slice would be a view that holds on to all of `text`.
  return Buffer.from(text.slice(0, end), "utf16le").toString("utf16le");
}

/** As {@link cut}, with an ellipsis in the last place if something is missing. @internal */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${cut(text, max - 1)}…`;
}

/** All on one line, without control characters. @internal */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim();
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
