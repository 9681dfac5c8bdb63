/** From the data of a plan file to tasks. First in the line: plan -> task -> ready -> attempt -> checks -> result. */
import { copyData } from "../copy-data.ts";
import type { FarmTask } from "../task.ts";
import { checkCouncils } from "./check-councils.ts";
import { checkDelivery } from "./check-delivery.ts";
import { checkGraph } from "./check-graph.ts";
import { checkIsolation } from "./check-isolation.ts";
import { planShape } from "./fields.ts";
import { type DataPath, inOrderOfText, type Locate, type PlanProblem } from "./problem.ts";
import { isRecord, readShape } from "./read-shape.ts";

/** A set of tasks and how they are run, its defaults already in each task. @public */
export interface Plan {
  readonly version: 1;
  readonly name: string | null;
  /** Attempts that may run at once; `null` when the plan leaves it open. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  /** Milliseconds the whole run may take; `null` for no limit. */
  readonly timeoutMs: number | null;
  /** US dollars the run may cost; `null` for no ceiling. */
  readonly maxCostUsd: number | null;
  /** In the order of the file; `tasks[i]` there is `tasks[i]` here. */
  readonly tasks: FarmTask[];
}

/** A plan that is in order, or everything that is wrong with it. @public */
export type PlanReading =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

interface WrittenPlan {
  readonly version: 1;
  readonly name?: string;
  readonly parallel?: number;
  readonly failFast?: boolean;
  readonly timeoutMs?: number;
  readonly maxCostUsd?: number;
  readonly defaults?: Partial<FarmTask>;
  readonly tasks: readonly WrittenTask[];
}

type WrittenTask = Omit<FarmTask, "context" | "constraints"> &
  Partial<Pick<FarmTask, "context" | "constraints">>;

/**
 * Reads a plan from data, such as parsed YAML or JSON. Answers with the plan or
 * with everything that is wrong with it, in the order of the file; never throws
 * for any data without getters.
 *
 * @param locate - finds values in the text, so that problems can name line and column
 * @public
 */
export function readPlan(data: unknown, locate: Locate = () => undefined): PlanReading {
  const problems: PlanProblem[] = [];
  const written = readShape(planShape, data, [], ({ path, part, message, hint }) => {
    const place = locate(path, part) ?? null;
    problems.push({ code: "plan.invalid", message, path, place, taskId: taskIdAt(data, path), hint });
  });
  problems.push(
    ...checkGraph(data, locate),
    ...checkCouncils(data, locate),
    ...checkIsolation(data, locate),
    ...checkDelivery(data, locate),
  );
  if (problems.length > 0) return { ok: false, problems: inOrderOfText(problems) };
  return { ok: true, plan: planOf(written as WrittenPlan) };
}

function planOf(written: WrittenPlan): Plan {
  const { name, parallel, failFast, timeoutMs, maxCostUsd, defaults, tasks } = written;
  return {
    version: 1,
    name: name ?? null,
    parallel: parallel ?? null,
    failFast: failFast ?? false,
    timeoutMs: timeoutMs ?? null,
    maxCostUsd: maxCostUsd ?? null,
    tasks: tasks.map((task) => withDefaults(task, defaults)),
  };
}

/** The task's own keys win; `retry` and `env` are merged name by name. */
function withDefaults(task: WrittenTask, defaults: Partial<FarmTask> | undefined): FarmTask {
  if (defaults === undefined)
    return { ...task, context: task.context ?? [], constraints: task.constraints ?? [] };
  // Tasks share no list or object with each other, for their fields can be written to.
  const shared = copyData(defaults);
  const merged: FarmTask = {
    ...shared,
    ...task,
    context: task.context ?? shared.context ?? [],
    constraints: task.constraints ?? shared.constraints ?? [],
  };
  if (task.retry !== undefined && shared.retry !== undefined)
    merged.retry = { ...shared.retry, ...task.retry };
  if (task.env !== undefined && shared.env !== undefined) merged.env = { ...shared.env, ...task.env };
  return merged.isolation === "worktree" ? merged : withoutIsolation(merged);
}

/** Defaults that say something only of isolated tasks say nothing of this one. */
function withoutIsolation({
  base,
  setup,
  link,
  allowTestChanges,
  deliver,
  target,
  ...task
}: FarmTask): FarmTask {
  if (task.verify !== undefined) task.verify = task.verify.map(({ baseline, ...check }) => check);
  return task;
}

function taskIdAt(data: unknown, path: DataPath): string | null {
  const [list, index] = path;
  if (list !== "tasks" || typeof index !== "number" || !isRecord(data)) return null;
  const tasks = data["tasks"];
  const task: unknown = Array.isArray(tasks) ? tasks[index] : undefined;
  const id = isRecord(task) ? task["id"] : undefined;
  return typeof id === "string" ? id : null;
}
