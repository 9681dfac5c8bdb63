/** What an engine asks a store for. */
import type { StoodInFor } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { ClaimRef, Offer, Scope } from "../ports/store.ts";
import type { Drive } from "./drive.ts";

export function scopeOf({ options, open, freeSlots }: Drive): Scope {
  const { runId } = options;
  return open === null ? { runId, slots: freeSlots } : { runId, slots: freeSlots, only: open };
}

export function offerOf(
  agent: Agent,
  free: number,
  tags: readonly string[] = [],
  standsInFor: readonly StoodInFor[] = [],
): Offer {
  const { agentId, capabilities, commands, prose, maxConcurrent } = agent;
  const maxAttemptsFor: Offer["maxAttemptsFor"] = (task) => agent.maxAttemptsFor(task);
  return {
    ...{ agentId, capabilities, commands, prose, maxConcurrent, tags, free, maxAttemptsFor },
    ...(standsInFor.length > 0 && { standsInFor }),
  };
}

/** Under which an attempt holds a slot of its agent. Tasks of two runs may share an id. */
export function slotOf({ runId, taskId }: ClaimRef): string {
  return `${runId} ${taskId}`;
}
