import fc from "fast-check";
import { expect, test } from "vitest";
import { lineReader } from "../src/process/lines.ts";

function read(chunks: readonly Uint8Array[], longestBytes: number): { lines: string[]; dropped: number } {
  const lines: string[] = [];
  const reader = lineReader(longestBytes, (line) => lines.push(line));
  for (const chunk of chunks) {
    // The runner reuses its buffer, so a reader may keep nothing of it.
    const buffer = Buffer.from(chunk);
    reader.push(buffer);
    buffer.fill(0);
  }
  reader.end();
  return { lines, dropped: reader.dropped };
}

test("however bytes are cut into chunks, the lines are the same", () => {
  const bytes = fc
    .uint8Array({ maxLength: 60 })
    .map((array) => array.map((byte) => (byte % 5 === 0 ? 10 : byte)));
  fc.assert(
    fc.property(fc.array(bytes), fc.integer({ min: 1, max: 40 }), (chunks, longestBytes) => {
      expect(read(chunks, longestBytes)).toEqual(read([Buffer.concat(chunks)], longestBytes));
    }),
  );
});

test("text comes back as it was written, whatever it is", () => {
  const line = fc
    .string({ unit: "binary" })
    .filter((text) => !/[\r\n]/.test(text) && text.isWellFormed() && !text.startsWith("\ufeff"));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      expect(read([Buffer.from(lines.map((text) => `${text}\n`).join(""))], 1_000).lines).toEqual(lines);
    }),
  );
});

test("every line is either handed out or dropped", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), fc.integer({ min: 1, max: 20 }), (lengths, longestBytes) => {
      const { lines, dropped } = read(
        [Buffer.from(lengths.map((length) => `${"x".repeat(length)}\n`).join(""))],
        longestBytes,
      );

      expect(lines.map((text) => text.length)).toEqual(lengths.filter((length) => length <= longestBytes));
      expect(dropped).toBe(lengths.filter((length) => length > longestBytes).length);
    }),
  );
});
