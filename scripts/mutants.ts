/**
 * Plants known faults one by one in a copy of the sources and says which suite catches each first: a test of the tests.
 * `npm run mutants` fails when a fault survives. With `--all` every suite that sees the code is asked; with names only
 * those mutants are tried.
 */
import { parseArgs } from "node:util";
import { writeResult } from "./lib/results.ts";
import { type Mutant, readMutants } from "./mutants/mutant.ts";
import { openSandbox, type Sandbox } from "./mutants/sandbox.ts";
import { allSuites, suitesFor } from "./mutants/suites.ts";

const { values, positionals } = parseArgs({
  options: { all: { type: "boolean", default: false }, jobs: { type: "string", default: "2" } },
  allowPositionals: true,
});
const wanted = readMutants().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const width = Math.max(...wanted.map(({ name }) => name.length));
const waiting = [...wanted];
let survived = 0;

const sandboxes = Array.from({ length: Math.max(1, Number(values.jobs)) }, openSandbox);
try {
  await checkBaseline(sandboxes[0] as Sandbox);
  await Promise.all(sandboxes.map(tryMutants));
} finally {
  for (const sandbox of sandboxes) sandbox.remove();
}
console.log(`${wanted.length - survived} of ${wanted.length} planted faults are caught`);
writeResult("mutants", { passed: wanted.length - survived, failed: survived });
process.exitCode = survived === 0 && wanted.length > 0 ? 0 : 1;

/** A suite that fails without a fault would catch everything. */
async function checkBaseline(sandbox: Sandbox): Promise<void> {
  for (const suite of allSuites) {
    const run = await sandbox.run(suite, null);
    if (run.code !== 0) throw new Error(`The suite ${suite.name} fails without any fault:\n${run.output}`);
  }
}

async function tryMutants(sandbox: Sandbox): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const catchers = await tryMutant(sandbox, mutant);
    if (catchers.length === 0) survived++;
    const said = catchers.length === 0 ? "SURVIVED" : `caught by ${catchers.join(", ")}`;
    console.log(`${mutant.name.padEnd(width)}  ${said}  (${mutant.fault})`);
  }
}

async function tryMutant(sandbox: Sandbox, mutant: Mutant): Promise<string[]> {
  const catchers: string[] = [];
  for (const suite of suitesFor(mutant)) {
    const run = await sandbox.run(suite, mutant);
    if (run.code === 0) continue;
    catchers.push(suite.name);
    if (!values.all) break;
  }
  return catchers;
}
