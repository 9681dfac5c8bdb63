/** The state of a session as the original hands it about. */
import type { SpawnedAgent } from "../agents/spawned-agent.ts";

/** @public */
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
