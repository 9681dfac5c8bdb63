import { createFarmResult, type FarmResult } from "mai-orchestration-core";

/** The result of a task that nobody queued: the original's agent and words. */
export function unknownTask(taskId: string): FarmResult {
  const output = `Task not found: ${taskId}`;
  return createFarmResult(taskId, "unknown", "failure", output, {
    verdict: "failed",
    reason: output,
    attempts: 0,
  });
}
