/** Whether a text can stand for something in a store and in the environment of a process. */
export function isKey(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.isWellFormed() && !value.includes("\0");
}
