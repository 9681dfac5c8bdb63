/** Removes runs that have ended, with all they left. */
import type { Transaction } from "./database.ts";
import type { Leases } from "./leases.ts";
import { runOf } from "./rows.ts";

/** Resolves the ids of the runs that are gone. */
export async function prune(
  tx: Transaction,
  schema: string,
  leases: Leases,
  finishedBefore: number,
): Promise<readonly string[]> {
  const rows = await tx.query(
    `select id, record, first_seq from ${schema}.runs where finished_at < $1 order by id desc for update`,
    [finishedBefore],
  );
  const runs = rows.map((row) => row["id"] as number);
  if (runs.length === 0) return [];
  const held = await tx.query(
    `select job::text as job from ${schema}.tasks where run = any($1::bigint[]) and job is not null`,
    [runs],
  );
  if (held.length > 0) {
    await leases.end(
      tx,
      held.map((row) => row["job"] as string),
    );
  }
  await tx.query(
    `delete from ${schema}.edges where dependency in (select id from ${schema}.tasks where run = any($1::bigint[]))`,
    [runs],
  );
  for (const table of ["events", "drivers", "lanes", "tasks"]) {
    await tx.query(`delete from ${schema}.${table} where run = any($1::bigint[])`, [runs]);
  }
  await tx.query(`delete from ${schema}.runs where id = any($1::bigint[])`, [runs]);
  return rows.map((row) => runOf(row).runId);
}
