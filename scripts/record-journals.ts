/**
 * Keeps journals of this version, with the states they fold to, under `test/journals/VERSION`: every later version must
 * fold them to the same. Run once before a release: `npm run journals:record`. What is there already is never rewritten.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordSeed } from "mai-orchestration-testkit";
import { repositoryRoot, workspacePackages } from "./lib/repository.ts";

/** So many worlds are looked through; one is kept if it holds a type of entry that none before it held. */
const seeds = 500;

const version = workspacePackages().find(({ folder }) => folder === "core")?.version ?? "unknown";
const folder = join(repositoryRoot, "test", "journals", version);
if (existsSync(folder)) {
  console.error(`The journals of ${version} are recorded already, and never change: ${folder}`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const seen = new Set<string>();
for (let seed = 1; seed <= seeds; seed++) {
  const { journal, tasks } = await recordSeed(seed);
  const types = journal.map(({ type }) => type);
  if (types.every((type) => seen.has(type))) continue;
  for (const type of types) seen.add(type);
  writeLines(`seed-${seed}.journal.jsonl`, journal);
  writeLines(`seed-${seed}.tasks.jsonl`, tasks);
}
console.log(`${folder}: ${[...seen].sort().join(", ")}`);

function writeLines(name: string, values: readonly object[]): void {
  writeFileSync(join(folder, name), values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}
