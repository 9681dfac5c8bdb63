/**
 * Our block in a file that belongs to the user, found and replaced in bytes.
 * Nothing here knows what stands in the block, or touches a byte outside it.
 *
 *     <!-- mai:state v1 digest=0123456789abcdef (...) -->
 *     ...
 *     <!-- mai:state end -->
 */
import { createHash } from "node:crypto";

/** @internal */
export const blockVersion = 1;

/** Of a whole block, its two marks included. @internal */
export const maxBlockChars = 4_000;

const note = "(written by mai and replaced at each save; your own notes are safe outside of it)";
const endMark = "<!-- mai:state end -->";
/** Matched against latin1, in which one character is one byte. */
const startMark = /^<!-- mai:state v(\d{1,9})(?: digest=([0-9a-f]{16}))?(?: joined=([12]))?[^\n]*-->\r?$/gm;
const endMarkLine = /^<!-- mai:state end -->/gm;

/** What a file holds, taken apart. `before`, `block` and `after` make up all of it. @internal */
export interface Parts {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly block?: Block;
}

interface Block {
  readonly version: number;
  /** Between the marks, with line feeds only. */
  readonly text: string;
  /** The text is not what was written under this mark: a person changed it. */
  readonly edited: boolean;
  /** The same as they are in the file. */
  readonly bytes: Buffer;
  /** So many bytes before the block, a line end, are ours too. */
  readonly joined: number;
  /** The block goes on to the end of its last line. */
  readonly endsLine: boolean;
}

/** @internal */
export function takeApart(bytes: Buffer): Parts {
  const text = bytes.toString("latin1");
  const found = findMarks(text);
  if (found === undefined) return { before: bytes, after: Buffer.alloc(0) };
  const { start, end } = found;
  const joined = Math.min(Number(start[3] ?? 0), start.index);
  const to = end + (/^\r?\n/.exec(text.slice(end, end + 2))?.[0].length ?? 0);
  const bodyBytes = bytes.subarray(start.index + start[0].length + 1, end - endMark.length);
  const body = bodyBytes.toString("utf8").replaceAll("\r\n", "\n").replace(/\n$/, "");
  return {
    before: bytes.subarray(0, start.index - joined),
    after: bytes.subarray(to),
    block: {
      version: Number(start[1]),
      text: body,
      edited: start[2] !== digestOf(body),
      bytes: bodyBytes,
      joined,
      endsLine: to > end,
    },
  };
}

/** The first start with an end behind it and no other start between: a lone mark is just text. */
function findMarks(text: string): { readonly start: RegExpExecArray; readonly end: number } | undefined {
  const starts = [...text.matchAll(startMark)];
  const ends = [...text.matchAll(endMarkLine)];
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1]?.index ?? Number.POSITIVE_INFINITY;
    const end = ends.find((each) => each.index > start.index && each.index < next);
    if (end !== undefined) return { start, end: end.index + endMark.length };
  }
  return undefined;
}

/** The whole file with `text` in its block: where the block was, or at the end. @internal */
export function putTogether({ before, after, block }: Parts, text: string): Buffer {
  const lineEnd = usesCrlf(before, after) ? "\r\n" : "\n";
  const lacksLineEnd = block === undefined && before.length > 0 && before.at(-1) !== lineFeed;
  const joined = lacksLineEnd || (block?.joined ?? 0) > 0 ? lineEnd : "";
  const lines = [startMarkOf(text, joined.length), ...text.split("\n"), endMark];
  const last = block === undefined || block.endsLine || after.length === 0 ? lineEnd : "";
  const rendered = `${joined}${lines.join(lineEnd)}${last}`;
  return Buffer.concat([before, Buffer.from(rendered), after]);
}

/** How long the block of `text` will be, marks and line ends included. @internal */
export function blockChars(text: string): number {
  // With CRLF and the mark's longest form, so that it fits wherever it goes.
  return `\r\n${startMarkOf(text, 2)}\r\n${text}\r\n${endMark}\r\n`.length + text.split("\n").length;
}

function startMarkOf(text: string, joined: number): string {
  return `<!-- mai:state v${blockVersion} digest=${digestOf(text)}${joined === 0 ? "" : ` joined=${joined}`} ${note} -->`;
}

/** The first 16 hexadecimal digits of a SHA-256. @internal */
export function digestOf(text: string | Buffer): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function usesCrlf(before: Buffer, after: Buffer): boolean {
  const text = before.includes(lineFeed) ? before : after;
  const first = text.indexOf(lineFeed);
  return first > 0 && text[first - 1] === carriageReturn;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
