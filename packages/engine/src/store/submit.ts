/** Adding tasks to a run: everything is checked before anything is written. */
import {
  defaultEstimateMs,
  demandOf,
  type FarmTask,
  findCycle,
  hasSucceeded,
  laneOf,
  longestPaths,
  MaiError,
  newTaskState,
  type TaskEvent,
  type TaskState,
  uniqueDependencies,
} from "mai-orchestration-core";
import type { NewRun } from "../ports/store.ts";
import { advance, apply } from "./apply.ts";
import { equalData } from "./equal-data.ts";
import type { Table } from "./table.ts";

/** Opens the run if it is new and adds the tasks that it does not have. */
export function submit(table: Table, run: NewRun, tasks: readonly FarmTask[], now: number): void {
  const isNew = table.run(run.runId) === undefined;
  const fresh = freshTasks(table, run.runId, tasks, isNew);
  const known = knownDependencies(table, run.runId, fresh, isNew);
  const linked = fresh.some((task) => task.dependsOn !== undefined && task.dependsOn.length > 0);
  if (linked) refuseCycle(fresh);

  if (isNew) {
    table.addRun(run, now);
    const { runId, ...rest } = run;
    table.addEvent(runId, null, null, { type: "run.created", ...rest }, now);
  }
  if (fresh.length === 0) return;
  const behind = linked ? longestPaths(fresh) : undefined;
  addAll(table, run.runId, fresh, known, behind, now);
}

/** The tasks that the run does not have; throws when it has a different one under the same id. */
function freshTasks(table: Table, runId: string, tasks: readonly FarmTask[], isNew: boolean): FarmTask[] {
  const given = new Map<string, FarmTask>();
  for (const task of tasks) {
    refuseBroken(task.taskId);
    const earlier = given.get(task.taskId) ?? (isNew ? undefined : table.task(runId, task.taskId)?.spec);
    if (earlier === undefined) given.set(task.taskId, task);
    else if (!equalData(earlier, task)) {
      throw new MaiError(
        "task.conflict",
        `Run ${runId} already has another task with the id ${task.taskId}`,
        {
          hint: "Give the task an id of its own; a task never changes after it is queued.",
        },
      );
    }
  }
  return [...given.values()];
}

/** Half a surrogate pair is no text: databases and file names would make another id of it. */
function refuseBroken(taskId: string): void {
  if (taskId.isWellFormed()) return;
  throw new MaiError("task.invalid", `The task id ${JSON.stringify(taskId)} is no well-formed text`, {
    hint: "It was cut inside a character; cut between characters.",
  });
}

/** Earlier tasks of the run that fresh ones depend on; throws for a dependency that is nowhere. */
function knownDependencies(
  table: Table,
  runId: string,
  fresh: readonly FarmTask[],
  isNew: boolean,
): Map<string, TaskState> {
  const known = new Map<string, TaskState>();
  let ids: Set<string> | undefined;
  for (const task of fresh) {
    for (const id of uniqueDependencies(task)) {
      ids ??= new Set(fresh.map((one) => one.taskId));
      if (ids.has(id) || known.has(id)) continue;
      const state = isNew ? undefined : table.task(runId, id);
      if (state === undefined) {
        throw new MaiError(
          "plan.unknown-dependency",
          `Task ${task.taskId} depends on ${id}, which run ${runId} does not have`,
          {
            hint: "Queue the dependency first, or in the same call.",
          },
        );
      }
      known.set(id, state);
    }
  }
  return known;
}

function refuseCycle(tasks: readonly FarmTask[]): void {
  const cycle = findCycle(tasks);
  if (cycle === undefined) return;
  throw new MaiError("plan.cycle", `Tasks depend on each other in a circle: ${cycle.join(" -> ")}`, {
    hint: "Remove one of these dependencies.",
  });
}

function addAll(
  table: Table,
  runId: string,
  fresh: readonly FarmTask[],
  known: ReadonlyMap<string, TaskState>,
  behind: ReadonlyMap<string, number> | undefined,
  now: number,
): void {
  const first = table.nextSequence();
  for (let i = 1; i < fresh.length; i++) table.nextSequence();
  fresh.forEach((task, index) => {
    const behindMs = behind?.get(task.taskId) ?? task.estimate ?? defaultEstimateMs;
    const open = uniqueDependencies(task).filter((id) => !isDone(known.get(id))).length;
    addOne(table, runId, task, first + index, behindMs, open, now);
  });
  if (behind !== undefined) addEdges(table, fresh, known, first);
  if (known.size > 0) blockDead(table, fresh, known, first, now);
}

/** After all tasks were added, for one may be given before those it depends on. */
function addEdges(
  table: Table,
  fresh: readonly FarmTask[],
  known: ReadonlyMap<string, TaskState>,
  first: number,
): void {
  const sequences = new Map(fresh.map((task, index) => [task.taskId, first + index]));
  fresh.forEach((task, index) => {
    for (const id of uniqueDependencies(task)) {
      const dependency = sequences.get(id) ?? known.get(id)?.sequence;
      if (dependency !== undefined && !isDone(known.get(id))) table.addEdge(dependency, first + index);
    }
  });
}

/** Blocks tasks of which a dependency has ended already without success, and what depends on them. */
function blockDead(
  table: Table,
  fresh: readonly FarmTask[],
  known: ReadonlyMap<string, TaskState>,
  first: number,
  now: number,
): void {
  fresh.forEach((spec, index) => {
    const dead = uniqueDependencies(spec).find((id) => hasEndedBadly(known.get(id)));
    const task = dead === undefined ? undefined : table.taskAt(first + index);
    if (task === undefined) return;
    apply(table, task, [{ type: "block", reason: `its dependency ${dead} did not succeed` }], now);
  });
}

function addOne(
  table: Table,
  runId: string,
  spec: FarmTask,
  sequence: number,
  behindMs: number,
  open: number,
  now: number,
): void {
  const queued: Extract<TaskEvent, { type: "task.queued" }> = { type: "task.queued", task: spec, behindMs };
  const task = newTaskState(runId, sequence, queued);
  const step = advance(task, [{ type: "release", open }], now);
  table.addEvent(runId, spec.taskId, sequence, queued, now);
  if (step.ok) for (const event of step.events) table.addEvent(runId, spec.taskId, sequence, event, now);
  table.addTask(step.ok ? step.task : task, laneOf(demandOf(spec, 0)), open);
}

function hasEndedBadly(task: TaskState | undefined): boolean {
  return task !== undefined && task.end !== null && !hasSucceeded(task);
}

function isDone(task: TaskState | undefined): boolean {
  return task !== undefined && hasSucceeded(task);
}
