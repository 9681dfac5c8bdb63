/** The state of a session as the original hands it about. */
import type { SpawnedAgent } from "../agents/spawned-agent.ts";

/** The state of a session that is written for the time after a compaction. @public */
export interface LocalMdOptions {
  /** ISO 8601. */
  timestamp: string;
  sessionId: string;
  currentTask: string;
  currentStep: string;
  modifiedFiles: readonly string[];
  recentDecisions: readonly string[];
  agents: readonly Pick<SpawnedAgent, "id" | "task" | "status" | "end">[];
  resumeInstructions: string;
}
