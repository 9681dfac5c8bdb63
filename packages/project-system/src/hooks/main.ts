/** `mai-pre-compact`: the hook as a program. */
import { oneLine } from "../text.ts";
import { runPreCompactHook } from "./pre-compact.ts";
import { readHookInput } from "./read-hook-input.ts";

/**
 * Prints what came of it as JSON. Exit code 1 says that something was wrong
 * and never 2, which would keep the session from going on.
 *
 * @internal
 */
export async function main(): Promise<void> {
  const outcome = await runPreCompactHook(await readHookInput(process.stdin));
  const line = JSON.stringify({ ...outcome, message: oneLine(outcome.message) });
  const failed = outcome.status === "error";
  (failed ? process.stderr : process.stdout).write(`${line}\n`);
  process.exitCode = failed ? 1 : 0;
}
