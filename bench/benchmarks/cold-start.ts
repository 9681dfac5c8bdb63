/** How long the command line takes to say anything, against the runtime's own start. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure } from "../harness/figure.ts";
import { figureOf, pairRatios } from "../harness/figure.ts";
import { withFolder } from "../harness/folder.ts";
import type { Benchmark, Section } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
import { formatFigure } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";

const rounds = 25;
const mai = fileURLToPath(new URL("../../packages/framework/bin/mai.js", import.meta.url));

interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** What it must print, so that a command that does nothing does not count as a fast one. */
  readonly prints: RegExp;
}

const bare: Command = { name: "node -e 0", args: ["-e", "0"], prints: /^$/ };
const version: Command = { name: "mai --version", args: [mai, "--version"], prints: /\d+\.\d+\.\d+/ };
const status: Command = { name: "mai status", args: [mai, "status"], prints: /the-only-task/ };

export const coldStart: Benchmark = {
  run: () => withFolder(compare),
};

async function compare(folder: string): Promise<Section> {
  finishOneRun(folder);
  const outcomes = await inRounds([bare, version, status], rounds, async (command) =>
    timeMs(command, folder),
  );
  const failures: string[] = [];
  const times = new Map<Command, readonly number[]>();
  for (const [command, outcome] of outcomes) {
    if (outcome.ok) times.set(command, outcome.runs);
    else failures.push(`${command.name}: ${outcome.reason}`);
  }
  const base = times.get(bare) ?? [];
  const ratioOf = (command: Command): Figure | undefined => {
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
  - id: the-only-task
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

function timeMs({ name, args, prints }: Command, folder: string): number {
  const start = performance.now();
  const printed = execFileSync(process.execPath, args, { cwd: folder, stdio: "pipe", encoding: "utf8" });
  const ms = performance.now() - start;
  if (!prints.test(printed)) throw new Error(`${name} printed ${JSON.stringify(printed.slice(0, 200))}`);
  return ms;
}
