/** Looks at a task before it is queued: the library's callers may not have a type checker. */
import { type FarmTask, MaiError, taskPriorities, taskTypes } from "mai-orchestration-core";

/** A deep copy of the task as plain JSON, so that it never changes after it is queued. Throws `task.invalid`. */
export function acceptTask(task: FarmTask): FarmTask {
  const problem = problemOf(task);
  if (problem !== undefined) {
    const id = typeof task?.taskId === "string" ? task.taskId : "without an id";
    throw new MaiError("task.invalid", `Task ${id}: ${problem}`, {
      hint: "createFarmTask() makes a whole task.",
    });
  }
  // As JSON and not as a clone: what the store will have is what we compare with.
  return JSON.parse(JSON.stringify(task)) as FarmTask;
}

function problemOf(task: FarmTask): string | undefined {
  if (typeof task !== "object" || task === null) return "is not an object";
  if (typeof task.taskId !== "string" || task.taskId === "") return "taskId must be a text that is not empty";
  if (!taskTypes.includes(task.type)) return `type must be one of ${taskTypes.join(", ")}`;
  if (typeof task.description !== "string") return "description must be a text";
  if (typeof task.successCriteria !== "string") return "successCriteria must be a text";
  for (const name of ["context", "constraints", "dependsOn", "locks"] as const) {
    const optional = name === "dependsOn" || name === "locks";
    if (!(optional && task[name] === undefined) && !isTexts(task[name]))
      return `${name} must be a list of texts`;
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
  for (const name of ["command", "agent", "cwd"] as const) {
    if (task[name] !== undefined && (typeof task[name] !== "string" || task[name] === "")) {
      return `${name} must be a text that is not empty`;
    }
  }
  if (task.dependsOn?.includes(task.taskId) === true) return "depends on itself";
  for (const check of task.verify ?? []) {
    if (typeof check?.command !== "string" || check.command === "") return "every check needs a command";
    if (!isPositive(check.timeout)) return "the timeout of a check must be a positive number of milliseconds";
  }
  const { maxAttempts = 1, maxLost = 0, backoff = 1 } = task.retry ?? {};
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    return "retry.maxAttempts must be a whole number from 1";
  if (!Number.isInteger(maxLost) || maxLost < 0) return "retry.maxLost must be a whole number from 0";
  if (!isPositive(backoff)) return "retry.backoff must be a positive number of milliseconds";
  return undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isPositive(value: number | undefined): boolean {
  return value === undefined || (typeof value === "number" && Number.isFinite(value) && value > 0);
}
