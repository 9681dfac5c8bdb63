/**
 * Why checks that passed may prove less than they seem to: what an agent
 * changed of the tests, of the checks and of CI. Reads nothing but the change;
 * says what is there and not why, for many such changes are honest.
 */
import type { Check } from "../task.ts";
import { decidesCheck, isCiPath } from "./check-files.ts";
import type { FileChange } from "./read-diff.ts";
import { countTestLines, isTestPath, mayHoldTests } from "./test-code.ts";

/** So many are named; of the rest only the number. */
const mostDoubts = 20;

/**
 * The doubts about a change, one line each; none for a change that touches
 * nothing that proves it.
 *
 * @param files - what lies between the base and the result
 * @param checks - the checks that the result passed
 * @public
 */
export function doubtsOf(files: readonly FileChange[], checks: readonly Check[]): readonly string[] {
  const found = files.flatMap((file) => [...doubtsOfTests(file), ...doubtsOfChecks(file, checks)]);
  if (found.length <= mostDoubts) return found;
  return [...found.slice(0, mostDoubts), `and ${found.length - mostDoubts} more of the kind`];
}

function doubtsOfTests(file: FileChange): string[] {
  const { path, oldPath, status } = file;
  if (status === "removed") return isTestPath(path) ? [`a test was removed: ${path}`] : [];
  const found: string[] = [];
  if (oldPath !== null && isTestPath(oldPath) && !isTestPath(path))
    found.push(`a test was moved to where it is none: ${oldPath} is now ${path}`);
  if (!mayHoldTests(path) && !(oldPath !== null && isTestPath(oldPath))) return found;
  if (/\.snap$/.test(path) && file.removed.length > 0) found.push(`expected output was rewritten: ${path}`);
  const [before, after] = [countTestLines(file.removed), countTestLines(file.added)];
  if (after.skips > before.skips) found.push(`a test is skipped, or runs alone: ${path}`);
  if (after.cases < before.cases) found.push(`${before.cases - after.cases} fewer tests: ${path}`);
  const [wereThere, areThere] = [before.strict + before.weak, after.strict + after.weak];
  if (areThere < wereThere) found.push(`${wereThere - areThere} fewer assertions: ${path}`);
  else if (after.strict < before.strict && after.weak > before.weak)
    found.push(`an assertion was weakened: ${path}`);
  return found;
}

function doubtsOfChecks(file: FileChange, checks: readonly Check[]): string[] {
  if (file.status === "added") return [];
  if (isCiPath(file.path) || (file.oldPath !== null && isCiPath(file.oldPath)))
    return [`the configuration of CI was changed: ${file.path}`];
  const check = checks.find(({ command }) => decidesCheck(file, command));
  return check === undefined ? [] : [`what a check runs was changed: ${file.path}, for ${check.command}`];
}
