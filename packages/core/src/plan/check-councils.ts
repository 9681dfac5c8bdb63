/** What no table of keys can say of councils in a plan: what cannot stand beside one, two seats of one name. */
import { seatId } from "../council.ts";
import type { DataPath, Locate, PlanProblem } from "./problem.ts";
import { isRecord } from "./read-shape.ts";

/** Keys that say nothing of a council, and why. */
const excluded: Readonly<Record<string, string>> = {
  command: "its panel does it",
  approval: "its panel decides",
};

/** Reads the raw data, so that one misspelt key does not hide what is wrong with a council. @internal */
export function checkCouncils(data: unknown, locate: Locate): PlanProblem[] {
  const tasks = isRecord(data) ? data["tasks"] : undefined;
  if (!isRecord(data) || !Array.isArray(tasks)) return [];
  const shared = isRecord(data["defaults"]) ? data["defaults"] : {};
  return tasks.flatMap((task: unknown, index) => {
    const council = isRecord(task) ? task["council"] : undefined;
    if (!isRecord(task) || !isRecord(council)) return [];
    const at = (path: DataPath, message: string, hint: string): PlanProblem => {
      const taskId = typeof task["id"] === "string" ? task["id"] : null;
      return { code: "plan.invalid", message, path, place: locate(path) ?? null, taskId, hint };
    };
    const problems = twins(council["roster"]).map((seat) =>
      at(
        ["tasks", index, "council", "roster", seat],
        "two seats of the council have the same name",
        "Give one of them a `name` of its own.",
      ),
    );
    for (const [key, why] of Object.entries(excluded)) {
      const isShared = task[key] === undefined && shared[key] !== undefined;
      if (task[key] === undefined && !isShared) continue;
      const message = `a task with a \`council\` can have no \`${key}\`: ${why}`;
      const path = isShared ? ["defaults", key] : ["tasks", index, key];
      problems.push(at(path, message, `Give \`${key}\` to a task of its own.`));
    }
    return problems;
  });
}

/** Indexes of seats whose name was used before. */
function twins(roster: unknown): number[] {
  if (!Array.isArray(roster)) return [];
  const seen = new Set<string>();
  return roster.flatMap((seat: unknown, index) => {
    const name = isRecord(seat) ? (seat["name"] ?? seat["role"]) : seat;
    if (typeof name !== "string") return [];
    const id = seatId(name);
    if (seen.has(id)) return [index];
    seen.add(id);
    return [];
  });
}
