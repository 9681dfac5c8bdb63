/** The original's events: what an orchestrator tells those who listen. */
import type { FarmResult } from "../result.ts";
import type { FarmTask } from "../task.ts";
import type { AggregatedResults } from "./aggregated-results.ts";

/** Each task ends with exactly one `task_completed` or `task_failed`. @public */
export type OrchestrationEvent =
  | { type: "task_queued"; task: FarmTask }
  | { type: "task_started"; taskId: string; agentId: string }
  /** Percent, 0 to 100. Only when an agent reports a number. */
  | { type: "task_progress"; taskId: string; progress: number }
  | { type: "task_completed"; result: FarmResult }
  | {
      type: "task_failed";
      taskId: string;
      error: string;
      /** An addition that the engine always sets. */
      result?: FarmResult;
    }
  | { type: "batch_completed"; results: AggregatedResults };

type EventOf<Type extends OrchestrationEvent["type"]> = Extract<OrchestrationEvent, { type: Type }>;

/** Somebody who listens to an orchestrator; called synchronously, and may throw without harm. @public */
export interface OrchestrationEventHandler {
  onEvent(event: OrchestrationEvent): void;
}

/** What is told when a task was queued. @public */
export function createTaskQueuedEvent(task: FarmTask): EventOf<"task_queued"> {
  return { type: "task_queued", task };
}

/** What is told when an attempt at a task starts, so once again for each retry. @public */
export function createTaskStartedEvent(taskId: string, agentId: string): EventOf<"task_started"> {
  return { type: "task_started", taskId, agentId };
}

/** What is told when an agent reports how far it is, in percent from 0 to 100. @public */
export function createTaskProgressEvent(taskId: string, progress: number): EventOf<"task_progress"> {
  return { type: "task_progress", taskId, progress };
}

/** What is told when a task ended as a success. @public */
export function createTaskCompletedEvent(result: FarmResult): EventOf<"task_completed"> {
  return { type: "task_completed", result };
}

/** What is told when a task ended without success: failed, blocked or cancelled. @public */
export function createTaskFailedEvent(
  taskId: string,
  error: string,
  result?: FarmResult,
): EventOf<"task_failed"> {
  const event = { type: "task_failed", taskId, error } as const;
  return result === undefined ? event : { ...event, result };
}

/** What is told when every task of a batch has ended, well or not. @public */
export function createBatchCompletedEvent(results: AggregatedResults): EventOf<"batch_completed"> {
  return { type: "batch_completed", results };
}
