/** Where an agent stands with one task. The functions return copies and change nothing. */
import { wallClock } from "./ambient.ts";

/**
 * Where a task stands, as far as the original tells them apart; `failed` stands
 * for blocked and cancelled too.
 *
 * @public
 */
export type AgentStatusType = "queued" | "running" | "complete" | "failed";

/** Where the newest attempt at a task stands, and who makes it. @public */
export interface AgentStatus {
  agentId: string;
  taskId: string;
  status: AgentStatusType;
  /** When it was queued; from the start of the attempt on, when that started. */
  startTime: Date;
  endTime?: Date;
  /** The file with everything the attempt printed. */
  outputFile: string;
  /** Percent, 0 to 100. */
  progress?: number;
}

/** A queued status, as of now. @public */
export function createAgentStatus(agentId: string, taskId: string, outputFile: string): AgentStatus {
  return { agentId, taskId, status: "queued", startTime: wallClock(), outputFile };
}

/** The status of an attempt that starts now. @public */
export function markAgentRunning(status: AgentStatus): AgentStatus {
  return { ...status, status: "running", startTime: wallClock() };
}

/** The status of an attempt that succeeded now. @public */
export function markAgentComplete(status: AgentStatus): AgentStatus {
  return { ...status, status: "complete", endTime: wallClock(), progress: 100 };
}

/** The status of an attempt that ended now without success. @public */
export function markAgentFailed(status: AgentStatus): AgentStatus {
  return { ...status, status: "failed", endTime: wallClock() };
}

/**
 * Milliseconds from start to end, `undefined` before the end. Takes a status
 * that went through JSON, whose dates are strings, as well.
 *
 * @public
 */
export function calculateAgentDuration(
  status: Pick<AgentStatus, "startTime" | "endTime"> | { startTime: string; endTime?: string },
): number | undefined {
  if (status.endTime === undefined || status.endTime === null) return undefined;
  const durationMs = new Date(status.endTime).getTime() - new Date(status.startTime).getTime();
  // A clock that was set back is no reason for a negative duration.
  return Number.isNaN(durationMs) ? undefined : Math.max(0, durationMs);
}
