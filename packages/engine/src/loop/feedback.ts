/** What the next attempt is told of this one: the reason, and the end of what was printed. */
export function feedbackOf(reason: string, output: string): string {
  return output.trim() === "" ? reason : `${reason}\n\n${output.trim().slice(-4096)}`;
}
