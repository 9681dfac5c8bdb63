/** A key that is equal for texts that differ in case, spaces and the mark at their end only. @internal */
export function sameText(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[.!;]+$/, "");
}
