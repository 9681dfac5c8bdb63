/**
 * Runs every check that is not a test, one after the other and to the end, and prints a line for each. The first
 * failure does not hide the next one. How many passed goes to `.cache/results/check.json`.
 */

import { repositoryRoot } from "./lib/repository.ts";
import { writeResult } from "./lib/results.ts";
import { runCommand } from "./lib/run-command.ts";

const checks = ["typecheck", "lint", "architecture", "knip", "check:packages"] as const;

let failed = 0;
for (const name of checks) {
  const run = await runCommand("npm", ["run", "--silent", name], { cwd: repositoryRoot, timeoutMs: 300_000 });
  const seconds = (run.durationMs / 1000).toFixed(1);
  if (run.code === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    continue;
  }
  failed += 1;
  console.error(
    `${run.output.trimEnd()}\nFAILED  ${name} (${seconds} s${run.timedOut ? ", out of time" : ""})`,
  );
}
writeResult("check", { passed: checks.length - failed, failed });
process.exitCode = failed === 0 ? 0 : 1;
