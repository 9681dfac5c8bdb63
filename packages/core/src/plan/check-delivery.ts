/** Delivery takes verified work of isolated tasks: asked for elsewhere, it would be accepted and never happen. */
import type { DataPath, Locate, PlanProblem } from "./problem.ts";
import { isRecord } from "./read-shape.ts";

/** @internal */
export function checkDelivery(data: unknown, locate: Locate): PlanProblem[] {
  if (!isRecord(data)) return [];
  const defaults = isRecord(data["defaults"]) ? data["defaults"] : {};
  const tasks: unknown[] = Array.isArray(data["tasks"]) ? data["tasks"] : [];
  return tasks.flatMap((task, index) => (isRecord(task) ? problemsIn(task, defaults, index, locate) : []));
}

type Data = Readonly<Record<string, unknown>>;

function problemsIn(task: Data, defaults: Data, index: number, locate: Locate): PlanProblem[] {
  const of = (key: string): unknown => task[key] ?? defaults[key];
  const deliver = of("deliver") ?? "branch";
  const { id } = task;
  const told = (key: string, message: string, hint: string): PlanProblem[] => {
    const path: DataPath = Object.hasOwn(task, key) ? ["tasks", index, key] : ["tasks", index];
    const place = locate(path, path.length === 3 ? "key" : "value") ?? null;
    const taskId = typeof id === "string" ? id : null;
    return [{ code: "plan.invalid", message, path, place, taskId, hint }];
  };
  // Where nothing is isolated, `checkIsolation` has said so; a default may be of use to other tasks.
  if (of("isolation") !== "worktree") return [];
  const hasTarget = deliver === "merge" || deliver === "pull-request";
  if (Object.hasOwn(task, "target") && !hasTarget)
    return told(
      "target",
      "`target` means something only with `deliver: merge` or `deliver: pull-request`",
      "Add one of them, or remove `target`.",
    );
  const verify = of("verify");
  if (deliver === "branch" || (Array.isArray(verify) && verify.length > 0)) return [];
  return told(
    "deliver",
    `\`deliver: ${String(deliver)}\` takes verified work only, and this task has no \`verify\``,
    "Give it a check, or `deliver: branch`.",
  );
}
