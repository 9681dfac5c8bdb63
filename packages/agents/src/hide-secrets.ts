/** Hiding secrets in files of any size: in place, or in a copy on its way to somebody. */
import { type FileHandle, open } from "node:fs/promises";
import {
  type FindSecrets,
  hideSpans,
  longestSecret,
  type Span,
  secretFinder,
} from "mai-orchestration-core/redact";

const windowBytes = 256 * 1024;

/** What stands before a secret, and shows that it is one, is looked at too. */
const contextBytes = 256;

/**
 * Hides the secrets that a file has, without moving a byte: those of known shapes, and the given values. Resolves how
 * many were hidden, 0 when there is no such file.
 *
 * @public
 */
export async function hideSecretsInFile(file: string, values: readonly string[]): Promise<number> {
  const handle = await openIfThere(file, "r+");
  if (handle === null) return 0;
  const find = finderOfBytes(values);
  let hidden = 0;
  try {
    for (let at = 0; ; ) {
      const window = await readWindow(handle, at, find);
      for (const [from, to] of window.spans) {
        const bytes = Buffer.from(hideSpans(window.text.slice(from, to), [[0, to - from]]), "latin1");
        await handle.write(bytes, 0, bytes.length, window.start + from);
        hidden++;
      }
      if (window.isLast) return hidden;
      at = window.next;
    }
  } finally {
    await handle.close();
  }
}

/** How a file is copied. @public */
export interface CopyOptions {
  /** The byte to begin at. */
  readonly from: number;
  readonly values: readonly string[];
  /** Whether the file may still grow: then its last line is left for the next call until it ends. */
  readonly grows: boolean;
  write(bytes: Uint8Array): Promise<void> | void;
}

/**
 * Gives what a file holds from a byte on to `write`, with secrets hidden. Resolves where to go on; `null` when there is
 * no such file.
 *
 * @public
 */
export async function copyWithoutSecrets(file: string, options: CopyOptions): Promise<number | null> {
  const handle = await openIfThere(file, "r");
  if (handle === null) return null;
  const find = finderOfBytes(options.values);
  try {
    for (let at = options.from; ; ) {
      const window = await readWindow(handle, at, find);
      const end =
        window.isLast && options.grows ? window.text.lastIndexOf("\n") + 1 : window.next - window.start;
      const first = at - window.start;
      if (end > first) {
        await options.write(Buffer.from(hideSpans(window.text, window.spans).slice(first, end), "latin1"));
      }
      if (window.isLast) return Math.max(at, window.start + end);
      at = window.next;
    }
  } finally {
    await handle.close();
  }
}

interface Window {
  /** The byte at which the text begins. */
  readonly start: number;
  /** A character for each byte. */
  readonly text: string;
  /** What is to be hidden, in `text`. */
  readonly spans: readonly Span[];
  /** The byte at which the next window begins: all secrets before it are known. */
  readonly next: number;
  readonly isLast: boolean;
}

/** Of what may go on behind the window no secret is taken: the next one begins before it. */
async function readWindow(handle: FileHandle, at: number, find: FindSecrets): Promise<Window> {
  const start = Math.max(0, at - contextBytes);
  const buffer = Buffer.allocUnsafe(at - start + windowBytes);
  const length = await readAll(handle, buffer, start);
  const text = buffer.toString("latin1", 0, length);
  const isLast = length < buffer.length;
  const limit = isLast ? length : length - longestSecret;
  const spans = find(text).filter(([from]) => start + from >= at && from < limit);
  return { start, text, spans, next: start + Math.max(limit, spans.at(-1)?.[1] ?? 0), isLast };
}

async function readAll(handle: FileHandle, buffer: Buffer, from: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** Finds in texts of one character for each byte. */
function finderOfBytes(values: readonly string[]): FindSecrets {
  return secretFinder(values.map((value) => Buffer.from(value).toString("latin1")));
}

async function openIfThere(file: string, flags: "r" | "r+"): Promise<FileHandle | null> {
  try {
    return await open(file, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
