/**
 * Kills real engines and `mai` commands with SIGKILL, at every named durable point and at random moments, on a real SQLite
 * file with real child processes; resumes, and judges journal, work and process table: `npm run torture -- --kills 40`.
 *
 * --kills N   how many kills in all [40]
 * --seed S    the first round's seed; a round prints its own [1]
 * --jobs N    rounds at once [2]
 * --keep      keep the folders of rounds
 */
import { parseArgs } from "node:util";
import { writeResult } from "./lib/results.ts";
import type { Findings } from "./torture/judge.ts";
import { badOf, playRound, type Round } from "./torture/round.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    keep: { type: "boolean", default: false },
  },
});
const wanted = wholeNumber("kills", values.kills);
const killsPerRound = 4;
const rounds: Round[] = [];
let seed = wholeNumber("seed", values.seed);
let killed = 0;
const startedAt = performance.now();

await Promise.all(Array.from({ length: wholeNumber("jobs", values.jobs) }, work));
report();

async function work(): Promise<void> {
  while (killed < wanted) {
    const round = await playRound(String(seed++), Math.min(killsPerRound, wanted - killed), values.keep);
    killed += round.kills.length;
    rounds.push(round);
    if (badOf(round.findings) > 0) describe(round);
    else if (process.stdout.isTTY) process.stdout.write(`\r${killed} of ${wanted} kills`);
  }
}

function describe({ seed: of, kills, findings, runId, folder }: Round): void {
  console.error(`seed ${of}, run ${runId} in ${folder}: ${JSON.stringify(findings, null, 1)}`);
  console.error(`  killed: ${kills.join("; ")}`);
  console.error(`  again with: npm run torture -- --seed ${of} --kills ${kills.length} --keep`);
}

function report(): void {
  const total = (of: (findings: Findings) => number): number =>
    rounds.reduce((sum, { findings }) => sum + of(findings), 0);
  const rows: [string, number][] = [
    ["kills", killed],
    ["rounds", rounds.length],
    ["tasks", total(({ tasks }) => tasks)],
    ["attempts", total(({ attempts }) => attempts)],
    ["attempts left by the dead", total(({ left }) => left)],
    ["tasks lost", total(({ lost }) => lost)],
    ["ended twice", total(({ endedTwice }) => endedTwice)],
    ["claimed twice", total(({ claimedTwice }) => claimedTwice)],
    ["overlapping attempts", total(({ overlapped }) => overlapped)],
    ["done again although done", total(({ repeated }) => repeated)],
    ["processes left", total(({ processesLeft }) => processesLeft)],
    ["other laws broken", total(({ broken }) => broken.length)],
  ];
  const failed = rounds.filter(({ findings }) => badOf(findings) > 0).length;
  if (process.stdout.isTTY) process.stdout.write("\r");
  for (const [name, count] of rows) console.log(`${name.padEnd(28)}${String(count).padStart(8)}`);
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  writeResult("torture", { passed: rounds.length - failed, failed });
  process.exitCode = failed === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  console.error(`--${name} takes a whole number from 1, not ${text}`);
  process.exit(4);
}
