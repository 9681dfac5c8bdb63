/** Questions that are answered by one look over a text, before or instead of parsing it. */

// No plan nests deeper than ten; the parser's memory runs out at some millions. Text
// between quotes may well hold a thousand unclosed brackets, such as a coloured log.
const deepest = 10_000;

/** Levels of lists and mappings that data may have. @internal */
export const deepestData = 100;

/**
 * Whether the text opens so many lists or mappings inside each other that
 * parsing could exhaust the memory. Brackets inside quotes count too.
 *
 * @internal
 */
export function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
    if (depth > deepest) return true;
  }
  return /^[ \t]*(?:[-?:][ \t]+){200}/mu.test(text);
}

/**
 * Whether some object in this valid JSON may name a key twice, which
 * `JSON.parse` passes over. `true` also when it nests too deeply to be counted.
 *
 * @internal
 */
export function mayRepeatKeys(json: string, data: unknown): boolean {
  let written = 0;
  for (const match of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gu)) {
    if (match[1] !== undefined) written += 1;
  }
  return written !== countKeys(data, 0);
}

function countKeys(data: unknown, depth: number): number {
  if (typeof data !== "object" || data === null) return 0;
  if (depth >= deepestData) return Number.NaN;
  const values: unknown[] = Object.values(data);
  let count = Array.isArray(data) ? 0 : values.length;
  for (const value of values) count += countKeys(value, depth + 1);
  return count;
}
