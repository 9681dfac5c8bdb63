/** How long the command line takes to say anything, against the runtime's own start. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { figureOf, pairRatios } from "../harness/figure.ts";
import { withFolder } from "../harness/folder.ts";
import type { Benchmark, Section } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
import { formatFigure } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";

const rounds = 25;
const mai = fileURLToPath(new URL("../../packages/framework/bin/mai.js", import.meta.url));

const bare = { name: "node -e 0", args: ["-e", "0"] } as const;
const version = { name: "mai --version", args: [mai, "--version"] } as const;
const status = { name: "mai status", args: [mai, "status"] } as const;

export const coldStart: Benchmark = {
  run: () => withFolder(compare),
};

async function compare(folder: string): Promise<Section> {
  finishOneRun(folder);
  const outcomes = await inRounds([bare, version, status], rounds, async ({ args }) => timeMs(args, folder));
  const failures: string[] = [];
  const times = new Map<{ readonly name: string }, readonly number[]>();
  for (const [command, outcome] of outcomes) {
    if (outcome.ok) times.set(command, outcome.runs);
    else failures.push(`${command.name}: ${outcome.reason}`);
  }
  const base = times.get(bare) ?? [];
  const ratioOf = (command: typeof version | typeof status) => {
    const own = times.get(command);
    return own === undefined || base.length === 0 ? undefined : figureOf(pairRatios(own, base));
  };
  return {
    title: "Cold start",
    text: [
      `Wall time of a whole process, ${rounds} interleaved rounds. \`mai status\` reads a store that holds one finished run of ` +
        "one task.",
    ],
    tables: [
      {
        columns: [
          { title: "command" },
          { title: "ms", number: true },
          { title: "times `node -e 0`", number: true },
        ],
        rows: [...times].map(([command, own]) => [
          command.name,
          formatFigure(figureOf(own), 1),
          formatFigure(figureOf(pairRatios(own, base)), 2),
        ]),
      },
    ],
    targets: [
      targetOf(
        { what: "`mai --version` against `node -e 0`", most: 2, unit: " times", digits: 2 },
        ratioOf(version),
      ),
      targetOf(
        { what: "`mai status` against `node -e 0`", most: 3, unit: " times", digits: 2 },
        ratioOf(status),
      ),
    ],
    failures,
  };
}

const plan = `version: 1
name: one-task
tasks:
  - id: only
    type: test
    description: Succeed
    success_criteria: it exits 0
    command: "true"
`;

function finishOneRun(folder: string): void {
  writeFileSync(join(folder, "plan.yaml"), plan);
  // A repository of its own, so that the store is not that of the repository around it.
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  execFileSync(process.execPath, [mai, "run", "plan.yaml"], { cwd: folder, stdio: "pipe" });
}

function timeMs(args: readonly string[], folder: string): number {
  const start = performance.now();
  execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe" });
  return performance.now() - start;
}
