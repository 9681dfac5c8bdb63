import { say } from "./ambient.ts";
import type { OrchestrationEvent, OrchestrationEventHandler } from "./orchestration-event.ts";

/**
 * Hands events to handlers, at once and in the order of registration. A handler
 * that throws, or returns a promise that rejects, is reported on the console and
 * disturbs nobody else.
 *
 * @public
 */
export class OrchestrationEventEmitter {
  readonly #handlers = new Set<OrchestrationEventHandler>();

  /** A handler that is already registered is not added again. */
  on(handler: OrchestrationEventHandler): void {
    this.#handlers.add(handler);
  }

  off(handler: OrchestrationEventHandler): void {
    this.#handlers.delete(handler);
  }

  emit(event: OrchestrationEvent): void {
    // A copy, so that handlers that come or go during this event do not change who hears it.
    for (const handler of [...this.#handlers]) {
      try {
        // `void` in the signature lets async functions through.
        const returned: unknown = handler.onEvent(event);
        if (typeof returned === "object" && returned !== null) Promise.resolve(returned).catch(report);
      } catch (error) {
        report(error);
      }
    }
  }

  get handlerCount(): number {
    return this.#handlers.size;
  }

  clear(): void {
    this.#handlers.clear();
  }
}

function report(error: unknown): void {
  say("error", "Event handler error:", error);
}
