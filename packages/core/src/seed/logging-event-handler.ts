import { say, wallClock } from "./ambient.ts";
import type { OrchestrationEvent, OrchestrationEventHandler } from "./orchestration-event.ts";

/** Prints each event on the console: one line, with the time. @public */
export class LoggingEventHandler implements OrchestrationEventHandler {
  onEvent(event: OrchestrationEvent): void {
    const line = textOf(event).replace(/\s*[\r\n]\s*/g, " ");
    say("log", `[${wallClock().toISOString()}] ${line}`);
  }
}

function textOf(event: OrchestrationEvent): string {
  switch (event.type) {
    case "task_queued":
      return `Task queued: ${event.task.taskId}`;
    case "task_started":
      return `Task started: ${event.taskId} (agent: ${event.agentId})`;
    case "task_progress":
      return `Task progress: ${event.taskId} - ${event.progress}%`;
    case "task_completed":
      return `Task completed: ${event.result.taskId} - ${event.result.status}`;
    case "task_failed":
      return `Task failed: ${event.taskId} - ${event.error}`;
    case "batch_completed":
      return `Batch completed: ${event.results.summary}`;
  }
}
