import fc from "fast-check";
import { expect, test } from "vitest";
import {
  consequences,
  decide,
  evolve,
  type FarmTask,
  hasSucceeded,
  type TaskCommand,
  type TaskState,
  uniqueDependencies,
} from "../src/index.ts";
import { answerOf, claimOf, failureOf, submitted, taskOf } from "./life.ts";

type Fate = "succeeds" | "fails" | "is cancelled";

/** Any graph without a cycle, and what happens to each of its tasks that starts. */
const anyGraph = fc
  .array(
    fc.tuple(
      fc.array(fc.nat(20), { maxLength: 4 }),
      fc.constantFrom<Fate>("succeeds", "succeeds", "fails", "is cancelled"),
    ),
    {
      minLength: 1,
      maxLength: 15,
    },
  )
  .map((rows) =>
    rows.map(([back, fate], index) => {
      const dependsOn = [...new Set(back.map((by) => index - 1 - by).filter((at) => at >= 0))].map(
        (at) => `t${at}`,
      );
      return { task: taskOf({ taskId: `t${index}`, dependsOn }), fate };
    }),
  );

/** The smallest store: commands to a fixpoint, one ready task at a time. Returns the tasks in the order they started. */
function runAll(graph: readonly { readonly task: FarmTask; readonly fate: Fate }[]): {
  states: Map<string, TaskState>;
  started: string[];
} {
  const states = new Map(
    graph.map(({ task }, index) => [task.taskId, { ...submitted(task), sequence: index }]),
  );
  const started: string[] = [];
  const idAt = (sequence: number): string => graph[sequence]?.task.taskId ?? "";

  const apply = (taskId: string, command: TaskCommand): void => {
    const state = states.get(taskId);
    const decision = state && decide(state, command, 0);
    if (state === undefined || !decision?.ok) return;
    for (const event of decision.events) {
      states.set(taskId, evolve(states.get(taskId) ?? state, event, 0));
      for (const [sequence, next] of consequences(taskId, event, dependantsOf(taskId)))
        apply(idAt(sequence), next);
    }
  };
  const dependantsOf = (taskId: string) =>
    graph.flatMap(({ task }, sequence) => {
      if (!uniqueDependencies(task).includes(taskId)) return [];
      return [{ sequence, open: openOf(task) }];
    });
  const openOf = (task: FarmTask): number =>
    uniqueDependencies(task).filter((id) => {
      const dependency = states.get(id);
      return dependency === undefined || !hasSucceeded(dependency);
    }).length;

  for (const { task } of graph) apply(task.taskId, { type: "release", open: openOf(task) });
  for (;;) {
    const next = graph.find(({ task }) => states.get(task.taskId)?.phase === "ready");
    if (next === undefined) return { states, started };
    const { taskId } = next.task;
    started.push(taskId);
    apply(taskId, claimOf());
    if (next.fate === "succeeds") {
      apply(taskId, { type: "answer", attempt: 1, answer: answerOf() });
      apply(taskId, { type: "succeed", attempt: 1 });
    } else if (next.fate === "fails") {
      apply(taskId, failureOf(1));
    } else {
      apply(taskId, { type: "cancel", reason: "no longer wanted" });
      apply(taskId, { type: "confirm-cancel", attempt: 1 });
    }
  }
}

test("every task of any graph ends: started when all its dependencies succeeded, blocked when one did not", () => {
  fc.assert(
    fc.property(anyGraph, (graph) => {
      const { states, started } = runAll(graph);

      for (const { task } of graph) {
        const state = states.get(task.taskId);
        const free = uniqueDependencies(task).every((id) => states.get(id)?.end?.verdict === "unverified");
        expect(state?.phase).toBe("ended");
        expect(started.includes(task.taskId)).toBe(free);
        if (!free) expect(state?.end?.verdict).toBe("blocked");
      }
      for (const [at, id] of started.entries()) {
        const before = started.slice(0, at);
        const dependsOn = graph.find(({ task }) => task.taskId === id)?.task.dependsOn ?? [];
        expect(before).toEqual(expect.arrayContaining(dependsOn));
      }
    }),
  );
});

test.each([
  ["fails", "its dependency t0 failed"],
  ["is cancelled", "its dependency t0 was cancelled"],
] as const)(
  "when a dependency %s, its dependants say so, and theirs name the blocked one",
  (fate, reason) => {
    const { states } = runAll([
      { task: taskOf({ taskId: "t0" }), fate },
      { task: taskOf({ taskId: "t1", dependsOn: ["t0"] }), fate: "succeeds" },
      { task: taskOf({ taskId: "t2", dependsOn: ["t1"] }), fate: "succeeds" },
    ]);

    expect(states.get("t1")?.end?.reason).toBe(reason);
    expect(states.get("t2")?.end?.reason).toBe("its dependency t1 is blocked");
  },
);
