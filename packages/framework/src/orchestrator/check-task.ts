/** Looks at tasks before they are queued: the library's callers may not have a type checker. */
import { isDeepStrictEqual } from "node:util";
import {
  approvalStages,
  type FarmTask,
  findCycle,
  isolations,
  MaiError,
  messageOf,
  schemaFault,
  taskPriorities,
  taskTypes,
} from "mai-orchestration-core";
import { isKey } from "./texts.ts";

/** A deep copy of the task as plain JSON, so that it never changes after it is queued. Throws `task.invalid`. */
function acceptTask(task: FarmTask): FarmTask {
  const problem = problemOf(task);
  if (problem !== undefined) {
    const id = typeof task?.taskId === "string" ? task.taskId : "without an id";
    throw new MaiError("task.invalid", `Task ${id}: ${problem}`, {
      hint: "createFarmTask() makes a whole task.",
    });
  }
  try {
    // As JSON and not as a clone: what the store will have is what we compare with.
    return JSON.parse(JSON.stringify(task)) as FarmTask;
  } catch (error) {
    const message = `Task ${task.taskId} cannot be kept as JSON: ${messageOf(error)}`;
    throw new MaiError("task.invalid", message, { hint: "Leave out what is no plain data.", cause: error });
  }
}

/**
 * Looks at tasks that are to be queued together and returns copies of those
 * that are new. Throws, before any of them is queued, `task.invalid`,
 * `task.conflict`, `plan.unknown-dependency` or `plan.cycle`.
 */
export function acceptTasks(
  tasks: readonly FarmTask[],
  known: (taskId: string) => FarmTask | undefined,
): FarmTask[] {
  const fresh = new Map<string, FarmTask>();
  for (const task of tasks) {
    const accepted = acceptTask(task);
    const { taskId } = accepted;
    const earlier = known(taskId) ?? fresh.get(taskId);
    if (earlier === undefined) fresh.set(taskId, accepted);
    else if (!isDeepStrictEqual(earlier, accepted)) {
      throw new MaiError("task.conflict", `Another task with the id ${taskId} was queued before`, {
        hint: "Give the task an id of its own; a task never changes after it is queued.",
      });
    }
  }
  for (const { taskId, dependsOn = [] } of fresh.values()) {
    const missing = dependsOn.find((id) => known(id) === undefined && !fresh.has(id));
    if (missing === undefined) continue;
    throw new MaiError(
      "plan.unknown-dependency",
      `Task ${taskId} depends on ${missing}, which was not queued`,
      {
        hint: "Queue the dependency first, or both with queueBatch().",
      },
    );
  }
  const cycle = tasks.length === 1 ? undefined : findCycle([...fresh.values()]);
  if (cycle === undefined) return [...fresh.values()];
  throw new MaiError("plan.cycle", `Tasks depend on each other in a circle: ${cycle.join(" -> ")}`, {
    hint: "Remove one of these dependencies.",
  });
}

function problemOf(task: FarmTask): string | undefined {
  if (typeof task !== "object" || task === null) return "is not an object";
  if (!isKey(task.taskId)) return `taskId ${whole}`;
  if (!taskTypes.includes(task.type)) return `type must be one of ${taskTypes.join(", ")}`;
  if (typeof task.description !== "string") return "description must be a text";
  if (typeof task.successCriteria !== "string") return "successCriteria must be a text";
  for (const name of ["context", "constraints", "dependsOn", "locks", "requires"] as const) {
    const optional = name === "dependsOn" || name === "locks" || name === "requires";
    const texts = task[name];
    if (optional && texts === undefined) continue;
    if (!isTexts(texts)) return `${name} must be a list of texts`;
    if (optional && !texts.every(isKey)) return `every one of ${name} ${whole}`;
  }
  if (task.priority !== undefined && !taskPriorities.includes(task.priority)) {
    return `priority must be one of ${taskPriorities.join(", ")}`;
  }
  for (const name of ["timeout", "idleTimeout", "estimate"] as const) {
    if (!isPositive(task[name])) return `${name} must be a positive number of milliseconds`;
  }
  return problemOfAdditions(task);
}

function problemOfAdditions(task: FarmTask): string | undefined {
  if (task.council !== undefined) return "has a `council`, which runCouncil() or a plan holds";
  if (task.deliver !== undefined || task.target !== undefined)
    return "has `deliver` or `target`, which startRun() or a plan carries out";
  if (task.decision !== undefined && !isKey(task.decision)) return `decision ${whole}`;
  for (const name of ["command", "agent", "cwd"] as const) {
    if (task[name] !== undefined && !isKey(task[name])) return `${name} ${whole}`;
  }
  if (task.approval !== undefined && !approvalStages.includes(task.approval))
    return `approval must be one of ${approvalStages.join(", ")}`;
  const isolation = problemOfIsolation(task);
  if (isolation !== undefined) return isolation;
  if (task.env !== undefined && !isEnvironment(task.env)) return "env must map names to texts without NUL";
  if (task.dependsOn?.includes(task.taskId) === true) return "depends on itself";
  if (task.verify !== undefined && !Array.isArray(task.verify)) return "verify must be a list of checks";
  for (const check of task.verify ?? []) {
    if (!isKey(check?.command)) return `the command of a check ${whole}`;
    if (!isPositive(check.timeout)) return "the timeout of a check must be a positive number of milliseconds";
  }
  const { maxAttempts = 1, maxLost = 0, backoff = 1 } = task.retry ?? {};
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    return "retry.maxAttempts must be a whole number from 1";
  if (!Number.isInteger(maxLost) || maxLost < 0) return "retry.maxLost must be a whole number from 0";
  if (!isPositive(backoff)) return "retry.backoff must be a positive number of milliseconds";
  const fault = task.outputSchema === undefined ? null : schemaFault(task.outputSchema);
  return fault === null ? undefined : `${["outputSchema", ...fault.path].join(".")} ${fault.message}`;
}

function problemOfIsolation(task: FarmTask): string | undefined {
  const { isolation = "none", base, setup, link, allowTestChanges, verify = [] } = task;
  if (!isolations.includes(isolation)) return `isolation must be one of ${isolations.join(", ")}`;
  if (base !== undefined && !isKey(base)) return `base ${whole}`;
  for (const [name, texts] of Object.entries({ setup, link })) {
    if (texts !== undefined && !(isTexts(texts) && texts.every(isKey)))
      return `every one of ${name} ${whole}`;
  }
  if (link?.some((folder) => folder.startsWith("/") || folder.split("/").includes("..")) === true)
    return "every one of link must be a folder inside the root";
  if (allowTestChanges !== undefined && typeof allowTestChanges !== "boolean")
    return "allowTestChanges must be true or false";
  if (isolation === "worktree") return undefined;
  const alone = Object.entries({ base, setup, link, allowTestChanges }).find(
    ([, value]) => value !== undefined,
  );
  const name =
    alone?.[0] ??
    (Array.isArray(verify) && verify.some((check) => check?.baseline === true) ? "baseline" : undefined);
  return name === undefined ? undefined : `${name} means something only with isolation: "worktree"`;
}

const whole = "must be a text that is not empty, without NUL and half characters";

function isEnvironment(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => isKey(name) && !name.includes("=") && (text === "" || isKey(text)),
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isPositive(value: number | undefined): boolean {
  return value === undefined || (typeof value === "number" && Number.isFinite(value) && value > 0);
}
