/** Between rows of the file and what is said of runs. Loads nothing, for those who only look. */
import type { TaskPhase, Verdict } from "mai-orchestration-core";
import type { NewRun, RunCounts, RunRecord, WorkerIdentity } from "mai-orchestration-engine";
import type { Row } from "./rows.ts";

export function runOf(row: Row): RunRecord {
  return {
    runId: row["run_id"] as string,
    name: row["name"] as string | null,
    root: row["root"] as string,
    parallel: row["parallel"] as number | null,
    failFast: row["fail_fast"] === 1,
    timeoutMs: row["timeout_ms"] as number | null,
    sharedChecks: row["shared_checks"] === 1,
    ...(row["max_cost_usd"] !== null && { maxCostUsd: row["max_cost_usd"] as number }),
    createdAt: row["created_at"] as number,
    firstSeq: row["first_seq"] as number,
    finishedAt: row["finished_at"] as number | null,
    verdict: row["verdict"] as Verdict | null,
    interruptedAt: row["interrupted_at"] as number | null,
  };
}

/** What is written of a new run, in the order of its columns up to the ceiling. */
export function newRunValues(run: NewRun): (string | number | null)[] {
  const { runId, name, root, parallel, failFast, timeoutMs, sharedChecks, maxCostUsd = null } = run;
  return [runId, name, root, parallel, failFast ? 1 : 0, timeoutMs, sharedChecks ? 1 : 0, maxCostUsd];
}

/** Sums rows of (phase, verdict, count, wake). */
export function countsOf(rows: readonly Row[]): RunCounts {
  const phases: Partial<Record<TaskPhase, number>> = {};
  const verdicts: Partial<Record<Verdict, number>> = {};
  let total = 0;
  let nextWakeAt: number | null = null;
  for (const row of rows) {
    const { phase, verdict, count, wake } = row as {
      phase: TaskPhase;
      verdict: Verdict | null;
      count: number;
      wake: number | null;
    };
    total += count;
    phases[phase] = (phases[phase] ?? 0) + count;
    if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
    if (wake !== null) nextWakeAt = Math.min(nextWakeAt ?? wake, wake);
  }
  return { total, phases, verdicts, nextWakeAt };
}

export function workerOf(row: Row): WorkerIdentity {
  const { workerId, pid, started, host } = row as unknown as WorkerIdentity;
  return { workerId, pid, started, host };
}
