import {
  addUsage,
  type JournalEntry,
  type RunResult,
  resultOf,
  sumKnownCosts,
  type TaskState,
  type Usage,
  unknownUsage,
} from "mai-orchestration-core";
import { foldJournal } from "mai-orchestration-engine";
import { claudeOrNull, type RecordedRequest } from "mai-orchestration-testkit";
import { beforeAll, describe, expect, test } from "vitest";
import { planText, usageOf } from "./support/claude-plan.ts";
import { openProject, processesOfRun } from "./support/claude-project.ts";
import { longPlanTasks, projectFiles, stepsFor } from "./support/claude-tasks.ts";

const claude = await claudeOrNull();

/** What a run of the long plan left, looked at by the tests below. */
interface Finished {
  readonly root: string;
  readonly journal: readonly JournalEntry[];
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly results: readonly RunResult[];
  readonly requests: readonly RecordedRequest[];
  /** Attempts of which processes were alive at once, as looked up again and again while the run went on. */
  readonly aliveAtOnce: readonly number[];
  readonly left: readonly string[];
  readonly files: ReadonlyMap<string, string | null>;
}

describe.skipIf(claude === null)("a plan of 13 tasks, done by the real Claude Code four at a time", () => {
  let run: Finished;

  beforeAll(async () => {
    if (claude !== null) run = await runLongPlan(claude);
  });

  const task = (taskId: string): TaskState => run.tasks.get(taskId) as TaskState;
  const entriesOf = <Type extends JournalEntry["type"]>(
    taskId: string,
    type: Type,
  ): Extract<JournalEntry, { readonly type: Type }>[] =>
    run.journal.filter((entry) => entry.taskId === taskId && entry.type === type) as never;

  test("each task ends as its work deserves", () => {
    const ends = [...run.tasks.values()].map(({ spec, end, attempt }) => [
      spec.taskId,
      end?.verdict,
      attempt,
    ]);

    expect(ends).toEqual([
      ["hung", "failed", 1],
      ["write-notes", "verified", 1],
      ["edit-greeting", "verified", 1],
      ["repair-sum", "verified", 2],
      ["overloaded", "verified", 2],
      ["denied", "unverified", 1],
      ["delegate", "verified", 1],
      ["list-files", "verified", 1],
      ["count", "verified", 1],
      ["explain", "unverified", 1],
      ["review", "unverified", 1],
      ["collect", "verified", 1],
      ["after-hung", "blocked", 0],
    ]);
  });

  test("Claude changed the files with its own tools", () => {
    expect(Object.fromEntries(run.files)).toEqual({
      "notes.md": "by claude\n",
      "src/greeting.js": 'console.log("hello, world");\n',
      "src/sum.js": "export const sum = (a, b) => a + b;\n",
      "patience.md": "at last\n",
      "part.md": "by the sub-agent\n",
      "all.md": "all\n",
      "hung.txt": "started\n",
      "denied.txt": null,
      "explained.md": null,
    });
    expect(task("edit-greeting").answer?.artifacts).toEqual(["src/greeting.js"]);
  });

  test("four attempts ran at once, and never more", () => {
    expect(mostAtOnce(run.journal)).toBe(4);
    expect(Math.max(...run.aliveAtOnce)).toBe(4);
  });

  test("no task started before those it depends on had succeeded", () => {
    const seqOf = (taskId: string, type: JournalEntry["type"]): number =>
      run.journal.find((entry) => entry.taskId === taskId && entry.type === type)?.seq ?? Number.NaN;
    for (const { spec } of run.tasks.values()) {
      if (spec.taskId === "after-hung") continue;
      for (const dependency of spec.dependsOn ?? []) {
        expect(seqOf(spec.taskId, "attempt.started")).toBeGreaterThan(seqOf(dependency, "task.succeeded"));
      }
    }
  });

  test("what its check refuses goes back with the check's output, and the same session mends it", () => {
    const [failed] = entriesOf("repair-sum", "check.failed");
    const told = run.requests.find(
      ({ attempt, prompt }) => attempt === 2 && prompt.includes("2 and 3 make -1 and should make 5"),
    );
    const [first, second] = entriesOf("repair-sum", "attempt.answered");

    expect(failed?.receipt).toMatchObject({ command: "node check-sum.js", passed: false, exitCode: 1 });
    expect(told?.prompt).toContain("## Attempt 2\n\nYour earlier attempt did not succeed:");
    expect(second?.answer.sessionId).toBe(first?.answer.sessionId);
    expect(first?.answer.sessionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("verified results carry a receipt for each check, with the tree that it saw", () => {
    const { receipts = [] } = resultOf(task("repair-sum"));

    expect(receipts.map(({ command, passed, exitCode }) => [command, passed, exitCode])).toEqual([
      ["test -s src/sum.js", true, 0],
      ["node check-sum.js", true, 0],
    ]);
    for (const { tree } of receipts) expect(tree).toMatch(/^[0-9a-f]{40}$/);
    const refused = entriesOf("repair-sum", "check.failed")[0]?.receipt;
    expect(receipts[1]?.tree).not.toBe(refused?.tree);
  });

  test("an overloaded service fails an attempt and not its task", () => {
    expect(entriesOf("overloaded", "attempt.failed")).toMatchObject([
      { attempt: 1, kind: "transient", counted: true, reason: expect.stringContaining("529") },
    ]);
    const answered = run.requests.filter(({ prompt }) => prompt.includes("Do what overloaded is about."));
    expect(answered.map(({ attempt, status }) => [attempt, status])).toEqual([
      ...Array(3).fill([1, 529]),
      ...Array(2).fill([2, 200]),
    ]);
  });

  test("what hangs is ended by its timeout, with every process it started", () => {
    expect(entriesOf("hung", "attempt.failed")).toMatchObject([
      { kind: "timeout", reason: "timed out after 30.0s", answer: {} },
    ]);
    expect(task("after-hung").end?.reason).toBe("its dependency hung failed");
  });

  test("a refused tool is an issue of a task that succeeds", () => {
    expect(resultOf(task("denied"))).toMatchObject({
      status: "success",
      issues: ["denied: Bash (node -e 0 > denied.txt)"],
      output: "I was not allowed to run it.",
    });
  });

  test("an explorer is offered nothing that writes", () => {
    const offered = run.requests.filter(({ prompt }) => prompt.includes("Do what explain is about."));

    expect(offered).toHaveLength(3);
    for (const { tools } of offered) {
      expect(tools).toContain("Read");
      for (const tool of ["Write", "Edit", "NotebookEdit", "Bash"]) expect(tools).not.toContain(tool);
    }
  });

  test("usage and cost of each task are those of its turns, over all attempts; unknown is null", () => {
    const steps = stepsFor(run.root);
    const turns = (...ids: readonly string[]): Usage => usageOf(ids.flatMap((id) => steps[id] ?? []));
    const delegated = addUsage(turns("part", "whole"), usageOf([{}]));

    for (const id of ["write-notes", "edit-greeting", "overloaded", "denied", "list-files"]) {
      expectUsage(task(id), turns(id));
    }
    for (const id of ["explain", "review", "collect"]) expectUsage(task(id), turns(id));
    expectUsage(task("repair-sum"), turns("wrong-sum", "right-sum"));
    expectUsage(task("delegate"), delegated);
    expectUsage(task("count"), usageOf([]));
    // An interrupted Claude Code mostly says what it used; what it does not say is unknown.
    const ofHung = resultOf(task("hung")).usage ?? unknownUsage;
    if (ofHung.costUsd === null) expect(ofHung).toEqual(unknownUsage);
    else expectUsage(task("hung"), usageOf(steps["hung"]?.slice(0, 1) ?? []));
    expect(resultOf(task("after-hung")).usage).toEqual(usageOf([]));
  });

  test("the run's cost is the sum of what is known, and says whether a part is not", () => {
    const costs = [...run.tasks.values()].map((each) => resultOf(each).usage?.costUsd ?? null);
    const isHungKnown = resultOf(task("hung")).usage?.costUsd !== null;
    const turns = usageOf(
      Object.entries(stepsFor(run.root))
        .flatMap(([id, steps]) => (id === "hung" ? steps.slice(0, isHungKnown ? 1 : 0) : steps))
        .concat({}),
    );

    const sum = sumKnownCosts(costs);

    expect(sum.unknownParts).toBe(isHungKnown ? 0 : 1);
    expect(sum.atLeastUsd).toBeCloseTo(turns.costUsd ?? Number.NaN, 9);
  });

  test("the journal folds to the rows, and its last entry names every task", () => {
    const last = run.journal.at(-1);

    expect([...foldJournal(last?.runId ?? "", run.journal).values()]).toEqual([...run.tasks.values()]);
    expect(last).toMatchObject({ type: "run.finished", verdict: "failed" });
    expect(last?.type === "run.finished" && last.results).toEqual(run.results);
    expect(run.results.map(({ taskId }) => taskId)).toEqual([...run.tasks.keys()]);
  });

  test("no process of the run is left", () => {
    expect(run.left).toEqual([]);
  });
});

async function runLongPlan(installed: NonNullable<typeof claude>): Promise<Finished> {
  await using project = await openProject(installed, projectFiles);
  const { root, store, model } = project;
  const options = { name: "long", parallel: 4 };
  const defaults = { agent: "general-purpose", timeout: "90s", retry: { backoff: "100ms" } };

  const execution = await project.start(planText({ ...options, defaults }, longPlanTasks(root)));
  const { runId } = execution;
  const aliveAtOnce: number[] = [];
  const look = (): void => {
    aliveAtOnce.push(new Set(processesOfRun(runId).map(({ mark }) => mark)).size);
  };
  const looking = setInterval(look, 100);
  const end = await execution.finished.finally(() => clearInterval(looking));

  const rows = await store.tasks({ runId });
  const names = ["notes.md", "src/greeting.js", "src/sum.js", "patience.md", "part.md", "all.md"];
  return {
    root,
    aliveAtOnce,
    journal: await store.journal(0, { runId }),
    tasks: new Map(rows.map((row) => [row.spec.taskId, row])),
    results: end.type === "finished" ? end.results : [],
    requests: [...model.requests],
    left: processesOfRun(runId).map(({ pid, mark }) => `${pid} ${mark}`),
    files: new Map(
      [...names, "hung.txt", "denied.txt", "explained.md"].map((name) => [name, project.read(name)]),
    ),
  };
}

/** How many attempts held their slots at the same time, as the journal tells. */
function mostAtOnce(journal: readonly JournalEntry[]): number {
  const held = new Set<string>();
  let most = 0;
  for (const { type, taskId = "" } of journal) {
    if (type === "attempt.started") held.add(taskId);
    if (type === "attempt.failed" || type === "attempt.lost" || type === "task.succeeded")
      held.delete(taskId);
    most = Math.max(most, held.size);
  }
  return most;
}

function expectUsage(task: TaskState, expected: Usage): void {
  const { costUsd, ...tokens } = resultOf(task).usage ?? unknownUsage;
  const { costUsd: expectedCost, ...expectedTokens } = expected;
  expect({ task: task.spec.taskId, ...tokens }).toEqual({ task: task.spec.taskId, ...expectedTokens });
  expect(costUsd).toBeCloseTo(expectedCost ?? Number.NaN, 9);
}
