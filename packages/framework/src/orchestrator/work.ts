/** One run of an orchestrator and what is known of it. */
import type { OrchestrationEventEmitter } from "mai-orchestration-core/seed";
import type { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { Ledger } from "./ledger.ts";
import type { ResolvedOrchestratorOptions } from "./options.ts";
import { Session, type SessionOptions } from "./session.ts";
import { tell } from "./tell.ts";

/** `clear()` begins another. */
export interface Work {
  readonly ledger: Ledger;
  readonly session: Session;
}

/** @param events - hears of what happens to its tasks */
export function workOf(
  options: ResolvedOrchestratorOptions,
  dispatcher: AgentDispatcher,
  events: OrchestrationEventEmitter,
  kept: Pick<SessionOptions, "store" | "mustExist">,
): Work {
  const { root, parallel, outputDir, durability, guardAfterMs } = options;
  const ledger = new Ledger((task) => session.outputFileOf(task));
  const settings = { ...kept, durability, root, outputDir, parallel, guardAfterMs, dispatcher };
  const session: Session = new Session({ ...settings, observer: tell(events, ledger) });
  return { ledger, session };
}
