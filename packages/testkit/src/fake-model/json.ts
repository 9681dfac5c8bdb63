/** Reading JSON whose shape is somebody else's promise: what is missing or of another type reads as empty. */

/** @internal */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @internal */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @internal */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** @internal */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** @internal */
export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The text of a message's content, given as a string or as parts; parts that are no text are passed over. @internal */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => stringOf(objectOf(part)["text"]))
    .filter((text) => text !== "")
    .join("\n");
}
