/** Our engine on a graph: the real loop and memory store, on a clock that jumps from timer to timer. */
import type { FarmTask } from "mai-orchestration-core";
import type { NewRun } from "mai-orchestration-engine";
import { Engine, fixedRoster, memoryStore } from "mai-orchestration-engine";
import { scriptedAgent, VirtualClock } from "mai-orchestration-testkit";
import type { Dag, DagTask } from "../schedules/dag.ts";

export interface Knowledge {
  /** Whether tasks say how long they will take. */
  readonly estimates: boolean;
}

// Far from the end of a day, on which the order of tasks would turn.
const startedAt = Date.UTC(2026, 0, 1);

const run: NewRun = {
  runId: "run-makespan",
  name: null,
  root: "/",
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};

/** The virtual milliseconds until our engine has ended the last task. */
export async function oursMakespanMs(dag: Dag, slots: number, knowledge: Knowledge): Promise<number> {
  const clock = new VirtualClock(startedAt);
  const store = memoryStore(clock);
  const durations = new Map(dag.tasks.map((task) => [task.id, task.ms]));
  const agent = scriptedAgent({
    id: "scripted",
    maxConcurrent: slots,
    clock,
    behave: (task) => ({ durationMs: durations.get(task.taskId) ?? Number.NaN }),
  });
  const engine = new Engine({
    store,
    clock,
    roster: fixedRoster([agent]),
    custody: {
      self: { workerId: "bench", pid: process.pid, started: "0", host: "bench" },
      isDead: () => false,
      reap,
    },
    workplace: {
      prepare: async ({ root }) => ({ root, workspace: root, outputFile: "" }),
      keep: () => Promise.reject(new Error("No output of a graph is that long")),
    },
    runCheck: () => Promise.reject(new Error("No task of a graph has a check")),
    checkSlots: 1,
  });

  await store.submit(
    run,
    dag.tasks.map((task) => farmTaskOf(task, knowledge)),
  );
  // Enough turns of the event loop for settling, committing and claiming to be over before time moves on.
  await clock.runUntil(engine.drive({ runId: run.runId, root: run.root }).done, { turns: 12 });
  const { total, verdicts } = await store.counts(run.runId);
  if (verdicts.unverified !== total)
    throw new Error(`Not all of the ${total} tasks of ${dag.name} succeeded`);
  const ended = await store.tasks({ runId: run.runId });
  return Math.max(...ended.map((task) => task.end?.at ?? Number.NaN)) - startedAt;
}

function farmTaskOf({ id, ms, deps }: DagTask, { estimates }: Knowledge): FarmTask {
  return {
    taskId: id,
    type: "implementation",
    description: id,
    context: [],
    constraints: [],
    successCriteria: "its time has passed",
    dependsOn: [...deps],
    ...(estimates ? { estimate: ms } : {}),
  };
}

async function reap(): Promise<void> {}
