/** Which shell commands a list of patterns lets through. Pure. */

/** What makes more of a command than a program with arguments. */
const compound = /[;&|<>`$()\r\n]/;

/**
 * Whether a pattern covers the command: `npm test` is that command, `git diff *`
 * that one with any arguments or none, `*` every command.
 *
 * @internal
 */
export function isAllowed(command: string, patterns: readonly string[]): boolean {
  if (patterns.some((pattern) => pattern.trim() === "*")) return true;
  if (compound.test(command)) return false;
  const words = command.trim().split(/\s+/).join(" ");
  return patterns.some((pattern) => covers(pattern.trim().split(/\s+/).join(" "), words));
}

function covers(pattern: string, words: string): boolean {
  if (!pattern.endsWith(" *")) return pattern === words;
  const start = pattern.slice(0, -2);
  return words === start || words.startsWith(`${start} `);
}
