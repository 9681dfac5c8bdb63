/** The run of an orchestrator that has just got its first task. */
import { type RunRecord, systemClock } from "mai-orchestration-engine";
import { newRunId } from "../execution/run-id.ts";

/** A run that nothing has happened in yet. @internal */
export function newRecord({ root, parallel }: Pick<RunRecord, "root" | "parallel">): RunRecord {
  const createdAt = systemClock.now();
  const asked = { name: null, root, parallel, failFast: false, timeoutMs: null, sharedChecks: false };
  const state = { createdAt, firstSeq: 0, finishedAt: null, verdict: null, interruptedAt: null };
  return { runId: newRunId(createdAt), ...asked, ...state };
}
