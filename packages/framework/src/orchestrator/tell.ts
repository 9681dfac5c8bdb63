/** What the engine observes, as the seed's events: each only after its journal entry is durable. */
import {
  createTaskCompletedEvent,
  createTaskFailedEvent,
  createTaskProgressEvent,
  createTaskStartedEvent,
  type OrchestrationEventEmitter,
} from "mai-orchestration-core/seed";
import type { Observer } from "mai-orchestration-engine";
import type { Ledger } from "./ledger.ts";

/** Keeps the ledger, emits, and then lets those go on who wait. */
export function tell(events: OrchestrationEventEmitter, ledger: Ledger): Required<Observer> {
  return {
    started({ taskId, task }) {
      ledger.started(task);
      events.emit(createTaskStartedEvent(taskId, task.agentId ?? ""));
    },
    progressed({ taskId }, progress) {
      ledger.progressed(taskId, progress);
      events.emit(createTaskProgressEvent(taskId, progress));
    },
    ended(task) {
      const { taskId } = task.spec;
      const result = ledger.ended(task);
      if (result === undefined) return;
      if (result.status === "success") events.emit(createTaskCompletedEvent(result));
      else events.emit(createTaskFailedEvent(taskId, result.reason ?? result.output, result));
      ledger.release(taskId, result);
    },
  };
}
