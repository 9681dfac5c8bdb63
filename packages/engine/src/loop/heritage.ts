import { defaultMaxLost, demandOf } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { Claim } from "../ports/store.ts";
import type { Drive } from "./drive.ts";
import type { Heritage } from "./takeover.ts";

/**
 * What an engine can do with an attempt whose own engine is dead.
 *
 * @param drive - the one that wants its task here, if any does
 */
export function heritageOf(claim: Claim, agents: readonly Agent[], drive: Drive | undefined): Heritage {
  const { spec, losses, phase, agentId } = claim.task;
  const agent = agents.find((one) => one.agentId === agentId);
  if (agent === undefined || drive === undefined) return "given-back";
  if (phase === "running" && agent.adopt === undefined) return "lost";
  // What has cost so many engines is tried alone or not at all, and here it may have company.
  const isLast = losses > (spec.retry?.maxLost ?? defaultMaxLost) || demandOf(spec, losses).alone;
  return isLast ? "given-back" : "goes-on";
}
