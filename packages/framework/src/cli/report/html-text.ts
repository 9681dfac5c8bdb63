/** Text from outside, as text of a page. */
import { stripVTControlCharacters } from "node:util";

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these may not stand in a page.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
const names: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text between tags and inside quoted attributes. @internal */
export function htmlText(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replace(forbidden, "")
    .replace(/[&<>"']/g, (character) => names[character] ?? "");
}
