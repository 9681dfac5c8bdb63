/** Who can work here, and how many slots of each are free. */
import type { Agent } from "./agent.ts";

/** Who can do tasks, and how many slots each of them has left in this process. @public */
export interface Roster {
  /** In order of registration. */
  agents(): readonly Agent[];
  /** Slots of the agent that nobody in this process has taken. */
  free(agent: Agent): number;
  /** @param slot - names what takes it, across runs */
  take(agentId: string, slot: string): void;
  release(agentId: string, slot: string): void;
}

/** A roster of agents that never changes. @public */
export function fixedRoster(agents: readonly Agent[]): Roster {
  const taken = new Map<string, number>();
  const add = (agentId: string, by: number): void => {
    taken.set(agentId, (taken.get(agentId) ?? 0) + by);
  };
  return {
    agents: () => agents,
    free: (agent) => agent.maxConcurrent - (taken.get(agent.agentId) ?? 0),
    take: (agentId) => add(agentId, 1),
    release: (agentId) => add(agentId, -1),
  };
}
