/** Keys that say something only of isolated tasks: elsewhere they would be accepted and do nothing. */
import type { DataPath, Locate, PlanProblem } from "./problem.ts";
import { isRecord } from "./read-shape.ts";

const needing = ["base", "setup", "link", "allow_test_changes", "deliver", "target"] as const;

/** @internal */
export function checkIsolation(data: unknown, locate: Locate): PlanProblem[] {
  if (!isRecord(data)) return [];
  const defaults = isRecord(data["defaults"]) ? data["defaults"] : {};
  const tasks: unknown[] = Array.isArray(data["tasks"]) ? data["tasks"] : [];
  const isolated = (task: unknown): boolean =>
    isRecord(task) && (task["isolation"] ?? defaults["isolation"]) === "worktree";
  const problems = tasks.flatMap((task, index) =>
    isRecord(task) && !isolated(task) ? problemsIn(task, ["tasks", index], locate) : [],
  );
  // A default may be of use to some tasks and not to others.
  return tasks.some(isolated) ? problems : [...problemsIn(defaults, ["defaults"], locate), ...problems];
}

function problemsIn(
  holder: Readonly<Record<string, unknown>>,
  path: DataPath,
  locate: Locate,
): PlanProblem[] {
  const id = holder["id"];
  const taskId = typeof id === "string" ? id : null;
  const told = (where: DataPath, key: string): PlanProblem => ({
    code: "plan.invalid",
    message: `\`${key}\` means something only with \`isolation: worktree\``,
    path: where,
    place: locate(where, "key") ?? null,
    taskId,
    hint: `Add \`isolation: worktree\`, or remove \`${key}\`.`,
  });
  const problems = needing
    .filter((key) => Object.hasOwn(holder, key))
    .map((key) => told([...path, key], key));
  const checks: unknown[] = Array.isArray(holder["verify"]) ? holder["verify"] : [];
  for (const [index, check] of checks.entries()) {
    if (isRecord(check) && check["baseline"] === true)
      problems.push(told([...path, "verify", index, "baseline"], "baseline"));
  }
  return problems;
}
