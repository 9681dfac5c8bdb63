/**
 * Sums up what the steps of `.ci/run` left behind, prints it, and ends with 1 if anything failed. Plain JavaScript:
 * it must also speak on a machine where nothing could be installed.
 *
 *     node .ci/summarise.mjs RESULTS_FOLDER STEP:EXIT_CODE:FILE,FILE...
 *
 * A file is Vitest's JSON report or `{ "passed": n, "failed": n }`. A file that is missing or damaged counts as one
 * failure; so does one in which nothing passed and nothing failed, such as a suite that skipped every test, and a step
 * that failed although its files name no failure.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = ".", ...steps] = process.argv.slice(2);
const total = { passed: 0, failed: 0 };
for (const step of steps) {
  const [name, code, files = ""] = step.split(":");
  const counts = files.split(",").map((file) => ({ file, ...countsIn(join(folder, `${file}.json`)) }));
  for (const { file, passed, failed, note } of counts)
    console.log(`${file}: ${passed} passed, ${failed} failed${note}`);
  const failed = sum(counts.map((each) => each.failed));
  const unnamed = code !== "0" && failed === 0 ? 1 : 0;
  if (unnamed > 0) console.log(`${name}: ended with ${code}, though no single failure was counted`);
  total.passed += sum(counts.map((each) => each.passed));
  total.failed += failed + unnamed;
}
if (steps.length === 0) total.failed += 1;
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

function countsIn(path) {
  try {
    const report = JSON.parse(readFileSync(path, "utf8"));
    const passed = report.numPassedTests ?? report.passed;
    const failed = report.numFailedTests ?? report.failed;
    if (!Number.isInteger(passed) || !Number.isInteger(failed)) throw new Error("it holds no counts");
    // A test file that could not be loaded has no failed tests, only a failed suite.
    const unloaded = (report.testResults ?? []).filter(
      ({ status, assertionResults }) =>
        status === "failed" && !assertionResults.some((test) => test.status === "failed"),
    );
    const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
    const note = skipped > 0 ? ` (${skipped} skipped)` : "";
    const all = failed + unloaded.length;
    if (passed === 0 && all === 0) return { passed, failed: 1, note: `${note}: nothing was tested` };
    return { passed, failed: all, note };
  } catch (error) {
    return { passed: 0, failed: 1, note: ` (no usable result: ${error.message})` };
  }
}

function sum(numbers) {
  return numbers.reduce((left, right) => left + right, 0);
}
