/** What the process exits with after a run. */
import type { RunResult } from "mai-orchestration-core";
import { cancelReason } from "./cancel-reason.ts";
import { exitCode } from "./command.ts";
import type { StopSignal } from "./io.ts";

/** 0 when all succeeded, 2 when a person cancelled, else 1. @internal */
export function exitCodeOfResults(
  results: readonly Pick<RunResult, "status" | "verdict" | "reason">[],
): number {
  if (results.some((result) => result.verdict === "cancelled" && result.reason === cancelReason))
    return exitCode.cancelled;
  const isGood = results.length > 0 && results.every((result) => result.status === "success");
  return isGood ? exitCode.succeeded : exitCode.failed;
}

/** @internal */
export function exitCodeOfSignal(signal: StopSignal): number {
  return signal === "SIGINT" || signal === "SIGPIPE" ? exitCode.interrupted : exitCode.terminated;
}
