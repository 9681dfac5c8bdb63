/** Carrying a decision out: each action item is done, reviewed, and done again when the panel blocks it. */
import { type FarmTask, hasSucceeded, type TaskState } from "mai-orchestration-core";
import type { Decision } from "../decision.ts";
import { itemTask } from "../item-task.ts";
import type { ActionItem, ItemReview } from "../result.ts";
import { itemId, panelOf, reviewId } from "./ids.ts";
import { type ReviewDecision, reviewDecisionOf } from "./review.ts";
import { perspectivesOf, type States } from "./rounds.ts";
import { reviewTasks } from "./seat-tasks.ts";

/** Whether an agent of the run does tasks of this type. @internal */
export type CanDo = (agentId: string, type: FarmTask["type"]) => boolean;

/** Where one action item stands: tasks to add, or what became of it; neither while it is worked on. @internal */
export interface ItemStanding {
  readonly submit: readonly FarmTask[];
  readonly review: ItemReview | null;
}

const defaultRetries = 1;
const working: ItemStanding = { submit: [], review: null };

/** @param index - from 0 @internal */
export function itemStandingOf(
  council: FarmTask,
  decision: Decision,
  index: number,
  states: States,
  canDo: CanDo,
): ItemStanding {
  const item = decision.actionItems[index];
  if (item === undefined) return working;
  const most = 1 + (council.council?.retries ?? defaultRetries);
  let reasons: readonly string[] = [];
  for (let tries = 1; ; tries++) {
    const taskId = itemId(council.taskId, index + 1, tries);
    const done = states.get(taskId);
    if (done === undefined)
      return { submit: [workTask(council, decision, item, taskId, reasons, canDo)], review: null };
    if (done.end === null) return working;
    const reviewed = reviewOf(council, decision.id, item, done, states);
    if (!("verdict" in reviewed)) return reviewed;
    reasons = reviewed.reasons;
    const isFinal = reviewed.verdict !== "block" || tries >= most || done.end.verdict === "cancelled";
    if (isFinal) return { submit: [], review: { task: item.task, taskId, tries, ...reviewed } };
  }
}

function reviewOf(
  council: FarmTask,
  decisionId: string,
  item: ActionItem,
  done: TaskState,
  states: States,
): ReviewDecision | ItemStanding {
  // What the engine has seen fail needs no panel to be blocked.
  if (!hasSucceeded(done))
    return { verdict: "block", reasons: [`The engine: ${done.end?.reason ?? "it failed"}`] };
  const seats = panelOf(council);
  const tasks = seats.map((seat) => states.get(reviewId(done.spec.taskId, seat)));
  if (tasks.every((task) => task === undefined)) {
    const { spec, end, receipts, answer } = done;
    const seen = { verdict: end?.verdict ?? null, receipts, output: answer?.output ?? "" };
    const subject = { taskId: spec.taskId, description: item.task, ...seen };
    return { submit: reviewTasks(council, decisionId, subject), review: null };
  }
  if (tasks.some((task) => task === undefined || task.end === null)) return working;
  return reviewDecisionOf(perspectivesOf(seats, tasks, 1), seats.length);
}

/** The work has the place, the limits and the checks of the council's own task. */
function workTask(
  council: FarmTask,
  decision: Decision,
  item: ActionItem,
  taskId: string,
  reasons: readonly string[],
  canDo: CanDo,
): FarmTask {
  const task = itemTask(decision, item, taskId);
  const { timeout, idleTimeout, env, cwd, retry, verify, locks, context, constraints } = council;
  const owner = panelOf(council).find(({ person }) => person.name === item.owner)?.agent ?? null;
  return {
    ...task,
    context: [
      ...task.context,
      ...context,
      ...reasons.map((reason) => `The panel blocked an earlier try. ${reason}`),
    ],
    constraints: [...constraints, ...task.constraints],
    ...(owner !== null && canDo(owner, task.type) ? { agent: owner } : {}),
    ...(timeout === undefined ? {} : { timeout }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(retry === undefined ? {} : { retry }),
    ...(verify === undefined ? {} : { verify }),
    ...(locks === undefined ? {} : { locks }),
  };
}
