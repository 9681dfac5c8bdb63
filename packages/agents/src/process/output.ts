/**
 * The file that a process prints to. The process writes it itself, so nothing
 * it prints passes through our memory, nobody has to keep up with it, and what
 * it said survives us. We only follow.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type LineReader, lineReader } from "./lines.ts";

const chunkBytes = 256 * 1024;
/** As much as is read before other work gets its turn. */
const turnBytes = 4 * 1024 * 1024;

/** Lines up to this are handed to a reader. @internal */
const longestLineBytes: number = 8 * 1024 * 1024;

/** So many bytes of its end are told while it grows. @internal */
export const growthTailBytes = 4_096;

/** @internal */
export interface Output {
  /** What the process gets as stdout and stderr. */
  readonly descriptor: number;
  /** Bytes printed since the process started. */
  bytes(): number;
  /** Reads on, for a turn. `true` when there is more to read. */
  follow(): boolean;
  /** Hands out a last line that has no line break. */
  end(): void;
  /** The last of what was printed, as text. */
  tail(bytes: number): string;
  readonly droppedLines: number;
  close(): void;
}

/**
 * Opens `file`, whose folder exists, for appending. Throws what the file system says.
 *
 * @param from - the byte at which what is printed begins; the end of the file when left out
 * @internal
 */
export function openOutput(
  file: string,
  onLine: ((line: string) => void) | undefined,
  from?: number,
): Output {
  const descriptor = openSync(file, "a", 0o600);
  const reading = openSync(file, "r");
  const start = from ?? fstatSync(descriptor).size;
  const lines: LineReader | null = onLine === undefined ? null : lineReader(longestLineBytes, onLine);
  const buffer = lines === null ? null : Buffer.allocUnsafe(chunkBytes);
  let position = start;
  return {
    descriptor,
    bytes: () => fstatSync(descriptor).size - start,
    follow() {
      if (lines === null || buffer === null) return false;
      for (let left = turnBytes; left > 0; ) {
        const read = readSync(reading, buffer, 0, chunkBytes, position);
        if (read === 0) return false;
        position += read;
        left -= read;
        lines.push(buffer.subarray(0, read));
      }
      return true;
    },
    end: () => lines?.end(),
    tail: (bytes) => readTail(reading, start, bytes),
    get droppedLines() {
      return lines?.dropped ?? 0;
    },
    close() {
      closeSync(descriptor);
      closeSync(reading);
    },
  };
}

function readTail(reading: number, start: number, bytes: number): string {
  const size = fstatSync(reading).size;
  const from = Math.max(start, size - bytes);
  const buffer = Buffer.alloc(Math.max(0, size - from));
  const read = readSync(reading, buffer, 0, buffer.length, from);
  let first = 0;
  // Not to begin in the middle of a character.
  if (from > start) while (first < 3 && ((buffer[first] ?? 0) & 0xc0) === 0x80) first++;
  return buffer.toString("utf8", first, read);
}
