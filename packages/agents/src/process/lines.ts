/** Cutting bytes into lines, in bounded memory. */

/** @internal */
export interface LineReader {
  push(chunk: Uint8Array): void;
  /** Hands out the last line if it had no line break. */
  end(): void;
  /** Lines that were longer than the limit and left out. */
  readonly dropped: number;
}

/**
 * Hands out each line without its line break. Bytes that are no UTF-8 become
 * replacement characters; a line over `longestBytes` is dropped and counted.
 *
 * @internal
 */
export function lineReader(longestBytes: number, onLine: (line: string) => void): LineReader {
  const decoder = new TextDecoder("utf-8");
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let tooLong = false;
  let dropped = 0;

  function add(part: Uint8Array): void {
    bytes += part.length;
    if (bytes > longestBytes) {
      tooLong = true;
      parts = [];
    } else if (part.length > 0) {
      // The chunk's memory is reused by the next read.
      parts.push(Buffer.from(part));
    }
  }

  function finish(): void {
    const line = tooLong ? null : decoder.decode(Buffer.concat(parts));
    if (tooLong) dropped++;
    parts = [];
    bytes = 0;
    tooLong = false;
    if (line !== null) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, at));
        finish();
        from = at + 1;
      }
      add(chunk.subarray(from));
    },
    end() {
      if (bytes > 0) finish();
    },
    get dropped() {
      return dropped;
    },
  };
}
