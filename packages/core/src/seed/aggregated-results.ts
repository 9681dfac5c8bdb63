/** What became of a batch of tasks, summed up. */
import type { FarmResult } from "../result.ts";

/**
 * The sum of a batch. `successCount`, `failureCount` and `blockedCount` are a
 * partition by status: together they are all results.
 *
 * @public
 */
export interface AggregatedResults {
  summary: string;
  successCount: number;
  failureCount: number;
  blockedCount: number;
  /** How many of the failed and blocked ones were cancelled. */
  cancelledCount: number;
  /** Each once, in the order first seen. */
  artifacts: string[];
  /** Each once, in the order first seen. */
  issues: string[];
  nextSteps: string[];
  /** Milliseconds of all tasks added up; with several at a time more than passed on the clock. */
  totalDuration: number;
  /** Every result, in the order given. */
  results: FarmResult[];
}

/** Sums up results: counts, artifacts and issues without repetition, and what to do next. @public */
export function aggregateResults(results: readonly FarmResult[]): AggregatedResults {
  const counts = countResults(results);
  return {
    summary: summaryOf(results.length, counts),
    ...counts,
    artifacts: [...new Set(results.flatMap((result) => result.artifacts ?? []))],
    issues: [...new Set(results.flatMap((result) => result.issues ?? []))],
    nextSteps: nextStepsAfter(results),
    totalDuration: results.reduce((sum, result) => sum + (result.duration ?? 0), 0),
    results: [...results],
  };
}

/**
 * Whether there are results and every one is a success. Nothing at all is no
 * success.
 *
 * @public
 */
export function isOverallSuccess(aggregated: AggregatedResults): boolean {
  const { successCount, failureCount, blockedCount } = aggregated;
  // Cancelled ones are among the failed and blocked, but whoever builds a sum by hand may not know.
  return successCount > 0 && failureCount === 0 && blockedCount === 0 && !(aggregated.cancelledCount > 0);
}

type Counts = Pick<AggregatedResults, "successCount" | "failureCount" | "blockedCount" | "cancelledCount">;

/** @internal */
export function countResults(results: readonly FarmResult[]): Counts {
  const count = (wanted: (result: FarmResult) => boolean): number => results.filter(wanted).length;
  return {
    successCount: count(({ status }) => status === "success"),
    failureCount: count(({ status }) => status === "failure"),
    blockedCount: count(({ status }) => status === "blocked"),
    cancelledCount: count(({ verdict }) => verdict === "cancelled"),
  };
}

function summaryOf(total: number, counts: Counts): string {
  if (total === 0) return "No tasks completed";
  if (counts.successCount === total) return `All ${total} tasks completed successfully`;
  const parts = [
    [counts.successCount, "succeeded"],
    [counts.failureCount, "failed"],
    [counts.blockedCount, "blocked"],
  ] as const;
  const text = parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
  const cancelled = counts.cancelledCount > 0 ? ` (${counts.cancelledCount} of them cancelled)` : "";
  return `${total} tasks: ${text}${cancelled}`;
}

function nextStepsAfter(results: readonly FarmResult[]): string[] {
  const steps: string[] = [];
  const wasCancelled = (result: FarmResult): boolean => result.verdict === "cancelled";
  if (results.some((result) => result.status === "failure" && !wasCancelled(result))) {
    steps.push("Review failed tasks and address their issues");
  }
  if (results.some((result) => result.status === "blocked" && !wasCancelled(result))) {
    steps.push("Resolve blockers for blocked tasks");
  }
  if (results.some(wasCancelled)) steps.push("Run cancelled tasks again if they are still wanted");
  if (results.length > 0 && results.every((result) => result.status === "success")) {
    steps.push("Proceed to next phase");
  }
  return steps;
}
