/** Agents that a session started, in the original's shape. */

/**
 * `completed` is only said of an agent that ended well; one that failed or was
 * stopped is `unknown`, with its `end`.
 *
 * @public
 */
export type SpawnedAgentStatus = "running" | "completed" | "unknown";

/** @public */
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

/** @public */
export function getRunningAgents(agents: readonly SpawnedAgent[]): SpawnedAgent[] {
  return agents.filter(({ status }) => status === "running");
}

/** @public */
export function getCompletedAgents(agents: readonly SpawnedAgent[]): SpawnedAgent[] {
  return agents.filter(({ status }) => status === "completed");
}

/** @public */
export interface AgentSummary {
  total: number;
  running: number;
  completed: number;
}

/** @public */
export function getAgentSummary(agents: readonly SpawnedAgent[]): AgentSummary {
  const running = getRunningAgents(agents).length;
  return { total: agents.length, running, completed: getCompletedAgents(agents).length };
}
