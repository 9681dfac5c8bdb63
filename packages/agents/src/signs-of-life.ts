/** Tells the engine, which alone decides about silence, that a process prints. */
import type { AgentContext, AgentTask } from "mai-orchestration-engine";
import type { ProcessOptions } from "./process/process-options.ts";

const everyMs = 1_000;

/** Reports a bare sign of life whenever the process printed, often enough for the task's idle timeout. @internal */
export function signsOfLife(
  { task }: AgentTask,
  { report }: Pick<AgentContext, "report">,
): Required<Pick<ProcessOptions, "onAlive" | "aliveEveryMs">> {
  return {
    onAlive: () => report({}),
    aliveEveryMs: Math.min(everyMs, (task.idleTimeout ?? Number.POSITIVE_INFINITY) / 4),
  };
}
