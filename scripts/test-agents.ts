/**
 * Puts the real agent programs, at their pinned versions, through the cases of `test/agents`, keeps what was seen and
 * writes it to `docs/agents-tested.md`. Takes names of adapters, all without any; `--only PATTERN` runs a part of the
 * cases and leaves the others' results as they were; `--record` makes the fixtures of the parsers' tests anew.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Case, cases, type Driver, type DriverName, drivers } from "../test/agents/driver.ts";
import { type AdapterResult, readResults, writeResults } from "./agents/results.ts";
import { runAdapter } from "./agents/run-adapter.ts";
import { repositoryRoot } from "./lib/repository.ts";
import { writeResult } from "./lib/results.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, record: { type: "boolean", default: false } },
});
const names = positionals.length === 0 ? Object.keys(drivers) : positionals;
const unknown = names.filter((name) => !Object.hasOwn(drivers, name));
if (unknown.length > 0) {
  console.error(`no adapter ${unknown.join(", ")}; there are ${Object.keys(drivers).join(", ")}`);
  process.exit(4);
}

const record = values.record
  ? join(repositoryRoot, "packages", "agents", "test", "fixtures", "recorded")
  : null;
const only = values.only ?? null;
let passed = 0;
let failed = 0;
for (const name of names as DriverName[]) {
  console.log(`\n${name}`);
  const { output, ...result } = await runAdapter(name, { versions: {}, record, only });
  const missing = only === null ? missingOf(name, result) : [];
  const good = Object.values(result.passed).filter((one) => one).length;
  const bad = Object.values(result.passed).length - good + missing.length;
  passed += good;
  failed += bad;
  // A program that cannot be had runs no case: that is a failure like any other.
  console.log(bad === 0 ? `${good} cases passed` : output);
  const before = readResults();
  const kept = before[name]?.version === result.version ? before[name].passed : {};
  writeResults({
    ...before,
    [name]: { ...result, passed: only === null ? result.passed : { ...kept, ...result.passed } },
  });
}
writeResult("agents", { passed, failed });
console.log(`\n${passed} passed, ${failed} failed; see docs/agents-tested.md`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function missingOf(name: DriverName, result: AdapterResult): readonly Case[] {
  const { cannot }: Driver = drivers[name];
  return cases.filter((title) => cannot[title] === undefined && result.passed[title] === undefined);
}
