/** Reading the tasks that a filter names. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { TaskFilter } from "mai-orchestration-engine";
import { type Row, taskColumns, taskTables } from "./rows.ts";

type Value = string | number;

export class TaskQuery {
  readonly #db: DatabaseSync;
  /** Few shapes of filters are used, each many times. */
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** The rows in order of submission. */
  all(filter: TaskFilter): Row[] {
    const { clauses, values } = conditionsOf(filter);
    const sql = `SELECT ${taskColumns} FROM ${taskTables} WHERE ${clauses.join(" AND ")} ORDER BY t.id LIMIT ?`;
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement.all(...values, filter.limit ?? -1);
  }
}

/** The conditions on `taskTables`, and the values of their parameters. */
function conditionsOf(filter: TaskFilter): { readonly clauses: string[]; readonly values: Value[] } {
  const clauses = ["r.run_id = ?"];
  const values: Value[] = [filter.runId];
  if (filter.taskIds !== undefined) {
    clauses.push("s.task_id IN (SELECT value FROM json_each(?))");
    values.push(JSON.stringify(filter.taskIds));
  }
  if (filter.phases !== undefined) {
    clauses.push("t.phase IN (SELECT value FROM json_each(?))");
    values.push(JSON.stringify(filter.phases));
  }
  if (filter.afterSequence !== undefined) {
    clauses.push("t.id > ?");
    values.push(filter.afterSequence);
  }
  return { clauses, values };
}
