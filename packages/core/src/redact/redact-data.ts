/** Hiding secrets in data. */
import type { Redact } from "./redact.ts";

/**
 * The same data with secrets hidden in its texts. Names of fields stay. What has no secret is given back as it is.
 *
 * @param data - plain data, as JSON knows it
 * @public
 */
export function redactData(redact: Redact, data: unknown): unknown {
  if (typeof data === "string") return redact(data);
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) {
    const items = data.map((item) => redactData(redact, item));
    return items.some((item, index) => item !== data[index]) ? items : data;
  }
  const entries = Object.entries(data);
  const hidden = entries.map(([name, value]) => [name, redactData(redact, value)] as const);
  return hidden.some(([, value], index) => value !== entries[index]?.[1]) ? Object.fromEntries(hidden) : data;
}
