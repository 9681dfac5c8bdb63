/** The tests on a real Postgres, on Node with everything and on Bun with the contract of stores. */
import { spawnSync } from "node:child_process";

const results = ".cache/results";
const reporters = ["--reporter=default", "--reporter=json"];
const vitest = ["vitest", "run", "--config", "vitest.postgres.config.ts", ...reporters];
const runs: readonly (readonly string[])[] = [
  [...vitest, `--outputFile=${results}/postgres-node.json`],
  [
    "bun",
    "--bun",
    ...vitest,
    "--pool=threads",
    `--outputFile=${results}/postgres-bun.json`,
    "packages/store-postgres/test/store.postgres.test.ts",
    "packages/store-postgres/test/leases.postgres.test.ts",
  ],
];

for (const [program = "", ...words] of runs) {
  const { status, signal, error } = spawnSync(program, words, { stdio: "inherit" });
  if (status === 0) continue;
  process.exitCode = 1;
  if (status === null) console.error(`${words.join(" ")}: ${signal ?? error?.message}`);
}
