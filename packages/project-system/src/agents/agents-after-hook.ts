/** A transcript lags behind the conversation when a hook is called. What the hook was told is newer. */
import type { HookPayload } from "../hooks/hook-payload.ts";
import { ended } from "./agent-ledger.ts";
import type { SpawnedAgent } from "./spawned-agent.ts";

/**
 * The agents as they are after `payload`: one that stopped has ended, and when
 * a session stops, one that is not among its background tasks runs no more,
 * though how it ended is not known.
 *
 * @public
 */
export function agentsAfterHook(agents: readonly SpawnedAgent[], payload: HookPayload): SpawnedAgent[] {
  if (payload.event === "SubagentStop")
    return agents.map((agent) =>
      agent.id === payload.agentId && agent.status === "running"
        ? ended(agent, "completed", undefined)
        : agent,
    );
  if (payload.event !== "Stop") return [...agents];
  const alive = new Set(payload.backgroundTasks.map(({ id }) => id));
  return agents.map((agent) =>
    agent.status === "running" && !alive.has(agent.id) ? { ...agent, status: "unknown" } : agent,
  );
}
