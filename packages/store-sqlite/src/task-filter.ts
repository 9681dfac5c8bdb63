/** A filter of tasks as SQL. */
import type { TaskFilter } from "mai-orchestration-engine";

type Value = string | number;

/** The conditions on `taskTables`, and the values of their parameters. */
export function conditionsOf(filter: TaskFilter): { readonly clauses: string[]; readonly values: Value[] } {
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
