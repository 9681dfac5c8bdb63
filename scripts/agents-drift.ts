/**
 * Looks how far the newest versions of the agent programs have drifted from those that the adapters were tested with:
 * flags that came and went, shapes of events that came and went, and cases that no longer pass. Changes nothing in
 * the repository; exits with 1 when something went or fails. Takes names of adapters, all without any; `codex@0.166.0`
 * looks at that version instead of the newest.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentProgramName, agentPrograms, installProgram } from "mai-orchestration-testkit";
import { type Driver, type DriverName, drivers } from "../test/agents/driver.ts";
import { compare, flagsOf, shapesIn } from "./agents/drift.ts";
import { runAdapter } from "./agents/run-adapter.ts";
import { repositoryRoot } from "./lib/repository.ts";
import { runOrThrow } from "./lib/run-command.ts";

const given = process.argv.slice(2).map((argument) => argument.split("@", 2));
const names = (given.length === 0 ? Object.keys(drivers) : given.map(([name]) => name)) as DriverName[];
const unknown = names.filter((name) => !Object.hasOwn(drivers, name));
if (unknown.length > 0) {
  console.error(`no adapter ${unknown.join(", ")}; there are ${Object.keys(drivers).join(", ")}`);
  process.exit(4);
}
const quick = { cwd: repositoryRoot, timeoutMs: 120_000 };
const record = mkdtempSync(join(tmpdir(), "mai-drift-"));
/** By program: what was asked for, then what is looked at. */
const versions: Record<string, string> = {};
for (const [name, version] of given)
  if (version !== undefined) versions[drivers[name as DriverName].program] = version;
let drifted = false;

try {
  for (const program of new Set(names.map((name): AgentProgramName => drivers[name].program)))
    await compareFlags(program);
  for (const name of names) await compareRuns(name);
} finally {
  rmSync(record, { recursive: true, force: true });
}
process.exitCode = drifted ? 1 : 0;

async function compareFlags(name: AgentProgramName): Promise<void> {
  const pinned = agentPrograms[name];
  const newest =
    versions[name] ?? (await runOrThrow("npm", ["view", pinned.packageName, "version"], quick)).trim();
  versions[name] = newest;
  console.log(`\n${pinned.title}: tested ${pinned.version}, looked at ${newest}`);
  if (newest === pinned.version) return;
  const [before, after] = await Promise.all([
    installProgram(pinned).then(({ executable }) => flagsOf(name, executable)),
    installProgram({ ...pinned, version: newest }).then(({ executable }) => flagsOf(name, executable)),
  ]);
  report("flags", compare(before, after));
}

async function compareRuns(name: DriverName): Promise<void> {
  const { program }: Driver = drivers[name];
  const newest = versions[program] ?? agentPrograms[program].version;
  if (newest === agentPrograms[program].version) return;
  const { passed, output } = await runAdapter(name, { versions, record, only: null });
  const bad = Object.entries(passed).filter(([, good]) => !good);
  console.log(`${name}: ${Object.keys(passed).length - bad.length} cases pass, ${bad.length} do not`);
  if (bad.length > 0 || Object.keys(passed).length === 0) {
    drifted = true;
    console.log(output);
  }
  const recorded = join(repositoryRoot, "packages", "agents", "test", "fixtures", "recorded");
  const before = shapesIn(join(recorded, `${name}-${agentPrograms[program].version}`));
  report("shapes of events", compare(before, shapesIn(join(record, `${name}-${newest}`))));
}

function report(what: string, { gone, come }: ReturnType<typeof compare>): void {
  if (gone.length > 0) drifted = true;
  for (const one of gone) console.log(`  gone: ${one}`);
  for (const one of come) console.log(`  new: ${one}`);
  if (gone.length + come.length === 0) console.log(`  the same ${what}`);
}
