/** Taking up a running attempt whose worker is dead. */
import type { WorkerIdentity } from "../ports/custody.ts";
import type { Adoption, ClaimRef } from "../ports/store.ts";
import { apply } from "./apply.ts";
import type { Table } from "./table.ts";

/** Gives a running attempt to another worker, if nobody else was given it before. */
export function adopt(table: Table, claim: ClaimRef, worker: WorkerIdentity, now: number): Adoption {
  const { runId, taskId, attempt, workerId = null } = claim;
  const task = table.task(runId, taskId);
  if (task === undefined) return { ok: false, refusal: "stale-attempt" };
  const by = worker.workerId;
  const applied = apply(table, task, [{ type: "adopt", attempt, workerId, by }], now);
  if (!applied.ok) return applied;
  table.saveWorker(worker, now);
  return { ok: true, claim: { runId, taskId, attempt, workerId: by, task: applied.task } };
}
