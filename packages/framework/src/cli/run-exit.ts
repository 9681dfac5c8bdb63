/** What the process exits with after a run. */
import type { RunResult } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import { cancelReason } from "./cancel-reason.ts";
import { exitCode } from "./command.ts";
import type { StopSignal } from "./io.ts";
import { finalResults } from "./store/final-results.ts";

/** 0 when all succeeded, 2 when a person cancelled, else 1. @internal */
export function exitCodeOfResults(
  results: readonly Pick<RunResult, "status" | "verdict" | "reason">[],
): number {
  if (results.some((result) => result.verdict === "cancelled" && result.reason === cancelReason))
    return exitCode.cancelled;
  const isGood = results.length > 0 && results.every((result) => result.status === "success");
  return isGood ? exitCode.succeeded : exitCode.failed;
}

/**
 * Where only proof counts (`--require-verified`), a success that is not proven is none.
 *
 * @param code - what the run came to by itself
 * @internal
 */
export async function provenExit(
  code: number,
  isRequired: boolean,
  store: Store,
  runId: string,
): Promise<number> {
  const run = isRequired && code === exitCode.succeeded ? await store.run(runId) : undefined;
  if (run === undefined) return code;
  const results = await finalResults(store, run);
  return results.every(({ verdict }) => verdict === "verified") ? code : exitCode.failed;
}

/** @internal */
export function exitCodeOfSignal(signal: StopSignal): number {
  return signal === "SIGINT" || signal === "SIGPIPE" ? exitCode.interrupted : exitCode.terminated;
}
