/** Reading JSON of which nothing is promised. */

/** @internal */
export type Json = Readonly<Record<string, unknown>>;

/** @internal */
export function recordOf(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** @internal */
export function recordsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(recordOf).filter((entry) => entry !== null) : [];
}

/** @internal */
export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** @internal */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A line as an object; `null` when it is none. @internal */
export function parseLine(line: string): Json | null {
  if (!line.startsWith("{")) return null;
  try {
    return recordOf(JSON.parse(line));
  } catch {
    return null;
  }
}
