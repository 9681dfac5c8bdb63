/** What a run may spend. Pure: the same rule for every store and every engine. */
import type { Answer, MaiEvent } from "./lifecycle/events.ts";
import type { TaskState } from "./lifecycle/task-state.ts";
import type { FarmTask } from "./task.ts";

/** What is known of a run's costs; what nobody stated is in neither. @public */
export interface Spending {
  /** US dollars, over all attempts that stated theirs. */
  readonly spentUsd: number;
  /** US dollars of the dearest attempt so far. */
  readonly largestUsd: number;
}

/** Of a run that has not begun. @public */
export const nothingSpent: Spending = { spentUsd: 0, largestUsd: 0 };

/**
 * Whether one more attempt may start: not once what is spent, with the dearest attempt so far for each that runs and for
 * the one to start, would pass the ceiling. What the first attempts cost nobody knows: they start.
 *
 * @param maxCostUsd - the ceiling; `null` or absent for none
 * @param running - attempts of the run that have not said yet what they cost
 * @public
 */
export function affordsAttempt(
  maxCostUsd: number | null | undefined,
  { spentUsd, largestUsd }: Spending,
  running: number,
): boolean {
  if (maxCostUsd === null || maxCostUsd === undefined) return true;
  // In millionths of a dollar: sums of fractions are a little off, and nobody pays less.
  const foreseen = Math.round((spentUsd + largestUsd * (running + 1)) * 1e6);
  const ceiling = Math.round(maxCostUsd * 1e6);
  return foreseen <= ceiling && Math.round(spentUsd * 1e6) < ceiling;
}

/** Whether an attempt of the task may cost anything: commands do not, and what a council decided is paid by its panel. @public */
export function mayCost(task: FarmTask): boolean {
  return task.command === undefined && task.council === undefined;
}

/** Whether the task has an attempt under way that has not said yet what it cost. @public */
export function isStillPaid({ phase, answer, spec }: TaskState): boolean {
  return (phase === "running" || phase === "cancelling") && answer === null && mayCost(spec);
}

/** The answer that an event brings; `null` when it brings none. @public */
export function answerIn(event: MaiEvent): Answer | null {
  switch (event.type) {
    case "attempt.answered":
    case "attempt.failed":
      return event.answer;
    case "attempt.lost":
      return event.answer ?? null;
    default:
      return null;
  }
}

/** What is spent after one more event of the run. @public */
export function spendingAfter(before: Spending, event: MaiEvent): Spending {
  const costUsd = answerIn(event)?.usage.costUsd ?? 0;
  if (!(costUsd > 0)) return before;
  return { spentUsd: before.spentUsd + costUsd, largestUsd: Math.max(before.largestUsd, costUsd) };
}
