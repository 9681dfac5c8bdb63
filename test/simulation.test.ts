import { examineSeed } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";
import { runOrThrow } from "../scripts/lib/run-command.ts";
import { corpusSeeds } from "../scripts/sim/corpus.ts";
import { describeFailure } from "../scripts/sim/describe-failure.ts";
import { withSqliteFile } from "../scripts/sim/sqlite-file.ts";

/** `SIM_SEEDS=2000` for a long look, `SIM_FROM` for another start. */
const seeds = Number(process.env["SIM_SEEDS"] ?? 200);
const from = Number(process.env["SIM_FROM"] ?? 1);
const limitMs = 60_000 + seeds * 500;

test(`whatever goes wrong in worlds ${from} to ${from + seeds - 1}, every promise holds`, {
  timeout: limitMs,
}, async () => {
  expect(await failuresAmong(Array.from({ length: seeds }, (_, index) => from + index))).toEqual([]);
});

test("seeds that broke a promise once do so no more", { timeout: 60_000 }, async () => {
  expect(await failuresAmong(corpusSeeds())).toEqual([]);
});

test("the same seed gives the same trace, line by line, and another seed does not", async () => {
  const [first, second, other] = [await examineSeed(7), await examineSeed(7), await examineSeed(8)];

  expect(second.trace).toEqual(first.trace);
  expect(first.trace.length).toBeGreaterThan(20);
  expect(other.fingerprint).not.toBe(first.fingerprint);
});

test("a real SQLite file lets the same things happen as rows in memory", { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const inMemory = await examineSeed(seed);
    const onDisk = await withSqliteFile((options) => examineSeed(seed, options));

    expect(onDisk.trace).toEqual(inMemory.trace);
    expect(onDisk.broken).toEqual([]);
  }
});

test("Node and Bun let the same things happen", { timeout: 60_000 }, async () => {
  const parameters = ["--conditions=mai-source", "scripts/sim.ts", "--fingerprints", "--seeds", "25"];
  const options = { cwd: repositoryRoot, timeoutMs: 60_000 };

  const [node, bun] = await Promise.all(
    ["node_modules/.bin/node", "node_modules/.bin/bun"].map((runtime) =>
      runOrThrow(runtime, parameters, options),
    ),
  );

  expect(bun).toBe(node);
  expect(node?.trim().split("\n")).toHaveLength(25);
});

async function failuresAmong(all: readonly number[]): Promise<string[]> {
  const failures: string[] = [];
  for (const seed of all) {
    const examination = await examineSeed(seed);
    if (examination.broken.length > 0) failures.push(describeFailure(examination));
  }
  return failures;
}
