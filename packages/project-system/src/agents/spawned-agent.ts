/** Agents that a session started, in the original's shape. */

/**
 * `completed` is only said of an agent that ended well; one that failed or was
 * stopped is `unknown`, with its `end`.
 *
 * @public
 */
export type SpawnedAgentStatus = "running" | "completed" | "unknown";

/** One agent that a session started, and what became of it as far as the transcript tells. @public */
export interface SpawnedAgent {
  /** Claude Code's id of the agent; that of the tool use until it is known; a slug of the task in the simple format. */
  id: string;
  /** The first 50 characters of its description. */
  task: string;
  status: SpawnedAgentStatus;
  subagentType?: string;
  /** When it was started. */
  timestamp?: string;
  readonly toolUseId?: string;
  /** Where a background agent writes. */
  readonly outputFile?: string;
  /** How it ended, if not well. */
  readonly end?: "failed" | "stopped";
  readonly endedAt?: string;
}

/** The agents that still run, as far as the transcript tells. @public */
export function getRunningAgents(agents: readonly SpawnedAgent[]): SpawnedAgent[] {
  return agents.filter(({ status }) => status === "running");
}

/** The agents that ended well. @public */
export function getCompletedAgents(agents: readonly SpawnedAgent[]): SpawnedAgent[] {
  return agents.filter(({ status }) => status === "completed");
}

/** Counts of agents; those that failed or were stopped are in `total` only. @public */
export interface AgentSummary {
  total: number;
  running: number;
  completed: number;
}

/** Counts agents by how they stand. @public */
export function getAgentSummary(agents: readonly SpawnedAgent[]): AgentSummary {
  const running = getRunningAgents(agents).length;
  return { total: agents.length, running, completed: getCompletedAgents(agents).length };
}
