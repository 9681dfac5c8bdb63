/**
 * Lets worlds happen in virtual time and judges them: `npm run sim -- --seeds 2000 --from 1`. A broken promise prints a
 * line that replays it, and its seed joins `sim/corpus.txt`.
 *
 * --seeds N        how many seeds [200]
 * --from S         the first of them [1]
 * --jobs N         processes that share them [1]
 * --store NAME     memory or sqlite: a real file, about ten times slower [memory]
 * --bail           stop at the first seed that breaks a promise
 * --trace          print everything that happens
 * --fingerprints   print one line per seed: equal on every runtime
 */
import { parseArgs } from "node:util";
import { examineSeed } from "mai-orchestration-testkit";
import { addToCorpus } from "./sim/corpus.ts";
import { describeFailure } from "./sim/describe-failure.ts";
import { runJobs } from "./sim/jobs.ts";
import { withSqliteFile } from "./sim/sqlite-file.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    store: { type: "string", default: "memory" },
    bail: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    fingerprints: { type: "boolean", default: false },
  },
});
const from = wholeNumber("from", values.from);
const seeds = wholeNumber("seeds", values.seeds);
const jobs = wholeNumber("jobs", values.jobs);
const examine = values.store === "sqlite" ? examineOnSqlite : examineSeed;

if (jobs > 1)
  process.exitCode = await runJobs([import.meta.filename, "--store", values.store], from, seeds, jobs);
else process.exitCode = (await examineAll()) === 0 ? 0 : 1;

async function examineAll(): Promise<number> {
  const startedAt = performance.now();
  let tasks = 0;
  let attempts = 0;
  let deaths = 0;
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const examination = await examine(seed);
    tasks += examination.tasks;
    attempts += examination.attempts;
    deaths += examination.deaths;
    if (values.trace) console.log(examination.trace.join("\n"));
    if (values.fingerprints) console.log(`${seed} ${examination.fingerprint} ${examination.trace.length}`);
    if (examination.broken.length === 0) continue;
    failed++;
    console.error(describeFailure(examination));
    addToCorpus(seed);
    if (values.bail) break;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const range = `seeds ${from} to ${from + seeds - 1}`;
  if (!values.fingerprints)
    console.log(
      `${range}: ${tasks} tasks, ${attempts} attempts, ${deaths} deaths of workers; ${failed} seeds broke a promise (${seconds} s)`,
    );
  return failed;
}

function examineOnSqlite(seed: number): ReturnType<typeof examineSeed> {
  return withSqliteFile((options) => examineSeed(seed, options));
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  console.error(`--${name} takes a whole number from 1, not ${text}`);
  process.exit(4);
}
