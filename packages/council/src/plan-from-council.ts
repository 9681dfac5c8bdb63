/** From a decision that was made elsewhere to a plan that carries it out here. */
import { type FarmTask, MaiError } from "mai-orchestration-core";
import type { Plan } from "mai-orchestration-core/plan";
import { stringify } from "yaml";
import type { Decision } from "./decision.ts";
import { itemTask } from "./item-task.ts";
import { readCouncilResult } from "./shapes/read-result.ts";

/**
 * A plan with a task for each action item. Throws `council.held` for a decision that a veto or a missing consensus
 * holds, and `council.unreadable` for one without action items.
 *
 * @param result - a decision, or the result of a council of any framework
 * @public
 */
export function planFromCouncil(result: Decision | object): Plan {
  const decision = isDecision(result) ? result : readCouncilResult(result);
  const { hold, actionItems, topic, id } = decision;
  if (hold !== null)
    throw new MaiError("council.held", `Decision ${id} is held: ${hold}`, {
      hint: "Resolve what holds it, and let the council decide again.",
    });
  if (actionItems.length === 0)
    throw new MaiError("council.unreadable", `Decision ${id} has no action items`, {
      hint: "Add what is to be done; there is nothing to plan otherwise.",
    });
  const tasks = actionItems.map((item, index) => itemTask(decision, item, `item-${index + 1}`));
  return {
    version: 1,
    name: topic,
    parallel: null,
    failFast: false,
    timeoutMs: null,
    maxCostUsd: null,
    tasks,
  };
}

/** The plan file of {@link planFromCouncil}, as YAML. @public */
export function planTextFromCouncil(result: Decision | object): string {
  const { name, tasks } = planFromCouncil(result);
  return stringify({ version: 1, name, tasks: tasks.map(writtenTask) }, { lineWidth: 100 });
}

function writtenTask(task: FarmTask): object {
  const { taskId, type, description, successCriteria, context, constraints, priority, decision } = task;
  return {
    id: taskId,
    type,
    description,
    success_criteria: successCriteria,
    context,
    ...(constraints.length === 0 ? {} : { constraints }),
    priority,
    decision,
  };
}

function isDecision(value: Decision | object): value is Decision {
  return "actionItems" in value && "hold" in value && !("synthesis" in value);
}
