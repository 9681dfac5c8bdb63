/** From an action item to a task that carries its decision. */
import type { FarmTask, TaskPriority } from "mai-orchestration-core";
import type { Decision } from "./decision.ts";
import type { ActionItem } from "./result.ts";

const priorities: Readonly<Record<ActionItem["priority"], TaskPriority>> = {
  high: "high",
  medium: "normal",
  low: "low",
};

/**
 * The task of an action item. Decision and rationale are its context; owner, dissent and the criteria of vetoes are
 * constraints.
 *
 * @internal
 */
export function itemTask(decision: Decision, item: ActionItem, taskId: string): FarmTask {
  const owner = item.owner.trim();
  const constraints = [
    ...(owner === "" || owner === "Unassigned" ? [] : [`Owned by ${owner}: work as that role would.`]),
    ...(item.dueDate === undefined ? [] : [`Due ${item.dueDate}.`]),
    ...(decision.dissent === null ? [] : [`Keep in mind what spoke against it: ${decision.dissent}`]),
    ...decision.vetoCriteria.map((criterion) => `It will be blocked for: ${criterion}`),
  ];
  return {
    taskId,
    type: "implementation",
    description: item.task,
    context: [
      `Decision ${decision.id}: ${decision.decision}`,
      ...(decision.rationale.trim() === "" ? [] : [`Rationale: ${decision.rationale}`]),
    ],
    constraints,
    successCriteria: `Done as the council decided: ${item.task}`,
    priority: priorities[item.priority],
    decision: decision.id,
  };
}
