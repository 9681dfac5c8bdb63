/** The heartbeat of a worker. */
import { holdsAttempt } from "mai-orchestration-core";
import type { ClaimRef, WorkerIdentity } from "mai-orchestration-engine";
import type { Sql } from "./database.ts";
import type { Leases } from "./leases.ts";
import { keyOf, type TaskRow, taskColumns, taskRowOf, taskTables } from "./rows.ts";

/**
 * Renews the leases and says which are gone and which attempts are to stop.
 *
 * @param now - Unix milliseconds; `null` for the server's
 */
export async function inspectHeld(
  sql: Sql,
  schema: string,
  leases: Leases,
  worker: WorkerIdentity,
  claims: readonly ClaimRef[],
  now: number | null,
): Promise<{ readonly lost: readonly ClaimRef[]; readonly cancelled: readonly ClaimRef[] }> {
  await sql.query(
    `insert into ${schema}.workers as w (worker_key, identity, seen_at, renewals)
      values ($1, $2, coalesce($3, floor(extract(epoch from clock_timestamp()) * 1000)), 1)
      on conflict (worker_key) do update set identity = excluded.identity, seen_at = excluded.seen_at,
        renewals = w.renewals + 1`,
    [keyOf(worker.workerId), JSON.stringify(worker), now],
  );
  if (claims.length === 0) return { lost: [], cancelled: [] };
  const rows = await sql.query(
    `select ${taskColumns} from ${taskTables(schema)} join ${schema}.runs r on r.id = t.run
      where (r.run_key, t.task_key) in (select * from unnest($1::text[], $2::text[]))`,
    [claims.map(({ runId }) => keyOf(runId)), claims.map(({ taskId }) => keyOf(taskId))],
  );
  const known = new Map(rows.map(taskRowOf).map((row) => [idOf(row.task.runId, row.task.spec.taskId), row]));
  const isHeld = (claim: ClaimRef, row: TaskRow | undefined): row is TaskRow =>
    row !== undefined && holdsAttempt(row.task, { workerId: worker.workerId, ...claim });
  const held = claims.flatMap((claim) => {
    const row = known.get(idOf(claim.runId, claim.taskId));
    return isHeld(claim, row) && row.job !== null ? [row.job] : [];
  });
  const lapsed = await leases.renew(held);

  const lost: ClaimRef[] = [];
  const cancelled: ClaimRef[] = [];
  for (const claim of claims) {
    const row = known.get(idOf(claim.runId, claim.taskId));
    if (!isHeld(claim, row) || (row.job !== null && lapsed.has(row.job))) lost.push(claim);
    else if (row.task.phase === "cancelling") cancelled.push(claim);
  }
  return { lost, cancelled };
}

function idOf(runId: string, taskId: string): string {
  return JSON.stringify([runId, taskId]);
}
