/** The ready tasks of one lane in the order of their keys. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ReadyKey } from "mai-orchestration-engine";
import type { Row } from "./rows.ts";

/** Up to so many wanted tasks are looked up one by one; more are picked out of the lane. */
const fewWanted = 64;

const select = "SELECT id, task_id, serve_day, behind_ms FROM tasks";
const order = "ORDER BY serve_day, behind_ms DESC, id LIMIT ?";

export class ReadyLane {
  readonly #all: StatementSync;
  readonly #few: StatementSync;

  constructor(db: DatabaseSync) {
    this.#all = db.prepare(`${select} WHERE run = ? AND lane = ? AND phase = 'ready' ${order}`);
    this.#few = db.prepare(
      `${select} WHERE run = ? AND task_id IN (SELECT value FROM json_each(?)) AND lane = ? AND phase = 'ready' ${order}`,
    );
  }

  /** @param run - the run's row number */
  first(run: number, lane: string, limit: number, wanted: ReadonlySet<string> | undefined): ReadyKey[] {
    if (wanted === undefined) return this.#all.all(run, lane, limit).map(keyOf);
    if (wanted.size <= fewWanted) {
      return this.#few.all(run, JSON.stringify([...wanted]), lane, limit).map(keyOf);
    }
    const found: ReadyKey[] = [];
    for (const row of this.#all.iterate(run, lane, -1)) {
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
    taskId: row["task_id"] as string,
  };
}
