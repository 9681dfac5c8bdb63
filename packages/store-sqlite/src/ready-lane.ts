/** The ready tasks of one lane in the order of their keys. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ReadyKey } from "mai-orchestration-engine/store";
import { prepared } from "./prepared.ts";
import type { Row } from "./rows.ts";

/** Up to so many wanted tasks are looked up one by one; more are picked out of the lane. */
const fewWanted = 64;

const order = "ORDER BY serve_day, behind_ms DESC, id LIMIT ?";
const ready = "run = ? AND lane = ? AND phase = 'ready'";

const statements = {
  all: `SELECT id, serve_day, behind_ms FROM tasks WHERE ${ready} ${order}`,
  named: `SELECT t.id, t.serve_day, t.behind_ms, s.task_id FROM tasks t JOIN specs s ON s.id = t.id
    WHERE t.${ready.replaceAll("AND ", "AND t.")} ORDER BY t.serve_day, t.behind_ms DESC, t.id`,
  few: `SELECT id, serve_day, behind_ms FROM tasks
    WHERE +${ready} AND id IN (SELECT id FROM specs WHERE run = ? AND task_id IN (SELECT value FROM json_each(?)))
    ${order}`,
};

export class ReadyLane {
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;

  constructor(db: DatabaseSync) {
    this.#sql = prepared(db, statements);
  }

  /**
   * @param run - the run's row number
   * @param lane - the lane's row number
   */
  first(run: number, lane: number, limit: number, wanted: ReadonlySet<string> | undefined): ReadyKey[] {
    if (wanted === undefined) return this.#sql.all.all(run, lane, limit).map(keyOf);
    if (wanted.size <= fewWanted) {
      return this.#sql.few.all(run, lane, run, JSON.stringify([...wanted]), limit).map(keyOf);
    }
    const found: ReadyKey[] = [];
    for (const row of this.#sql.named.iterate(run, lane)) {
      if (wanted.has(row["task_id"] as string) && found.push(keyOf(row)) === limit) break;
    }
    return found;
  }
}

function keyOf(row: Row): ReadyKey {
  return {
    sequence: row["id"] as number,
    serveDay: row["serve_day"] as number,
    behindMs: row["behind_ms"] as number,
  };
}
