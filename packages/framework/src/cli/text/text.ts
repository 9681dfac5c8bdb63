/** Text for terminals: one line, of a known width. */
import { stripVTControlCharacters } from "node:util";
import truncatedWidth from "fast-string-truncated-width";

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not reach a terminal.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * Text from outside (a plan, an agent) as one line that moves no cursor and
 * changes no colour.
 *
 * @internal
 */
export function oneLine(text: string): string {
  // Nothing on a terminal is this wide; cutting first keeps a line of 64 KB cheap.
  return stripVTControlCharacters(text.slice(0, 2_000)).replace(controls, " ").trim();
}

/** Cells of a terminal that plain text takes. @internal */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** Plain text, cut to `columns` with an ellipsis. @internal */
export function fit(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (text.length <= columns && isAscii(text)) return text;
  if (widthOf(text) <= columns) return text;
  return `${start(text, columns - 1)}…`;
}

/** As many whole characters, as people count them, as fit. */
function start(text: string, columns: number): string {
  segmenter ??= new Intl.Segmenter();
  let width = 0;
  let end = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** Made when it is first needed: most output is ASCII, and a short command should not pay for it. */
let segmenter: Intl.Segmenter | null = null;

/** Plain text, cut or filled up to exactly `columns`. @internal */
export function fill(text: string, columns: number): string {
  const short = fit(text, columns);
  return short + " ".repeat(Math.max(0, columns - widthOf(short)));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) return false;
  return true;
}

/** `1 task`, `2 tasks`. @internal */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
