/** What a hundred work trees cost against plain git commands, and what a receipt adds to its check. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGit, createRunCheck, gitTree, Workspaces } from "mai-orchestration-agents";
import type { FarmTask } from "mai-orchestration-core";
import type { RunCheck } from "mai-orchestration-engine";
import { figureOf, pairRatios } from "../harness/figure.ts";
import { withFolder } from "../harness/folder.ts";
import type { Benchmark, Section } from "../harness/report.ts";
import { inRounds } from "../harness/rounds.ts";
import { formatFigure } from "../harness/table.ts";
import { targetOf } from "../harness/target.ts";

const rounds = 3;
const worktrees = 100;
const files = 200;
const checks = 10;

const names = `seq ${worktrees}`;
const add = 'f() { git worktree add -q -f -B "branch-$1" "../trees/$1" HEAD; }; f';

interface Contender {
  readonly name: string;
  /** Resolves the milliseconds it took in a fresh repository. */
  time(root: string): Promise<number>;
}

const oneByOne: Contender = {
  name: `\`git worktree add\`, ${worktrees} times in a row`,
  time: (root) => timed(() => shell(root, `${names} | while read n; do ${add} "w$n" || exit 1; done`)),
};
const fourAtOnce: Contender = {
  name: "the same, four at once, each up to three times, for git stumbles over itself",
  time: (root) =>
    timed(() => shell(root, `${names} | xargs -P 4 -I{} sh -c '${add} "w$1" || f "w$1" || f "w$1"' sh {}`)),
};
const ours: Contender = { name: `${worktrees} isolated attempts prepared at once`, time: prepareAll };
const bareCheck: Contender = {
  name: "a check without a tree",
  time: (root) => checkAll(root, async () => null),
};
const receipt: Contender = { name: "a check with its receipt", time: (root) => checkAll(root, gitTree) };

export const worktreeCosts: Benchmark = { run: compare };

async function compare(): Promise<Section> {
  const contenders = [oneByOne, fourAtOnce, ours, bareCheck, receipt];
  const outcomes = await inRounds(contenders, rounds, ({ time }) =>
    withFolder(async (folder) => time(repositoryIn(folder))),
  );
  const times = new Map<Contender, readonly number[]>();
  const failures: string[] = [];
  for (const [contender, outcome] of outcomes) {
    if (outcome.ok) times.set(contender, outcome.runs);
    else failures.push(`${contender.name}: ${outcome.reason}`);
  }
  const ratioOf = (one: Contender, base: Contender) => {
    const [own, theirs] = [times.get(one) ?? [], times.get(base) ?? []];
    return own.length === 0 || own.length !== theirs.length ? undefined : figureOf(pairRatios(own, theirs));
  };
  return {
    title: "Work trees and receipts",
    text: [
      `A repository of ${files} files of 1 KB, fresh in each of ${rounds} interleaved rounds. An isolated attempt is prepared as an ` +
        "engine does: base recorded, branch and work tree made, noted so that a death loses nothing. A check is `true`, run " +
        `${checks} times in a row; its receipt names the tree before and after.`,
    ],
    tables: [
      {
        columns: [{ title: "what" }, { title: "ms", number: true }],
        rows: [...times].map(([{ name }, own]) => [name, formatFigure(figureOf(own))]),
      },
    ],
    targets: [
      targetOf(
        {
          what: "a hundred isolated attempts against plain git in a row",
          most: 2,
          unit: " times",
          digits: 2,
        },
        ratioOf(ours, oneByOne),
      ),
      targetOf(
        { what: "a trivial check with its receipt against one without", most: 10, unit: " times", digits: 2 },
        ratioOf(receipt, bareCheck),
      ),
    ],
    failures,
  };
}

async function prepareAll(root: string): Promise<number> {
  const { git, close } = createGit();
  const runCheck: RunCheck = () => Promise.reject(new Error("Nothing is checked here"));
  const workspaces = new Workspaces({ git, runCheck });
  try {
    return await timed(async () => {
      const made = await Promise.all(
        Array.from({ length: worktrees }, (_, index) => {
          const task = taskOf(`t${index}`);
          const claim = { runId: "run-bench", taskId: task.taskId, attempt: 1 };
          const { signal } = new AbortController();
          const request = { root, claim, task, backend: "command", mark: randomUUID(), signal };
          return workspaces.prepare(request, join(root, "setup.log"));
        }),
      );
      const refused = made.find((one) => "kind" in one);
      if (refused !== undefined && "kind" in refused) throw new Error(refused.reason);
    });
  } finally {
    close();
  }
}

async function checkAll(root: string, treeOf: typeof gitTree): Promise<number> {
  const runCheck = createRunCheck({ treeOf });
  const { signal } = new AbortController();
  const context = {
    root,
    workspace: root,
    env: {},
    outputFile: join(root, "..", "out"),
    mark: randomUUID(),
    signal,
  };
  return timed(async () => {
    for (let done = 0; done < checks; done++) await runCheck({ command: "true" }, context);
  });
}

function taskOf(taskId: string): FarmTask {
  const texts = { description: taskId, successCriteria: "it is there" };
  return { taskId, type: "implementation", ...texts, context: [], constraints: [], isolation: "worktree" };
}

function repositoryIn(folder: string): string {
  const root = join(folder, "repository");
  for (let index = 0; index < files; index++) {
    const place = join(root, `folder-${index % 10}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `file-${index}.txt`), `${index}\n`.repeat(256));
  }
  const identity = "-c user.name=bench -c user.email=bench@localhost";
  shell(root, `git init -q && git add -A && git ${identity} commit -q -m first`);
  return root;
}

function shell(cwd: string, command: string): void {
  execFileSync("sh", ["-c", command], { cwd, stdio: ["ignore", "ignore", "pipe"] });
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
