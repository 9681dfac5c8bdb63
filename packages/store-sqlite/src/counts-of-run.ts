/** Counting the tasks of a run by where they stand. */

/** The conditions of the partial indexes; a statement that names an index repeats its condition. */
export const held = "phase IN ('running', 'verifying', 'cancelling')";
export const waiting = "phase IN ('retry-wait', 'quota-wait')";
export const others =
  "phase NOT IN ('ended', 'ready', 'running', 'verifying', 'cancelling', 'retry-wait', 'quota-wait')";

/**
 * A statement whose rows are (phase, verdict, count, wake). Each part is read from the index that holds such tasks alone,
 * so that a hundred thousand of them are counted without being read.
 *
 * @param run - an expression for the run's row number
 */
export function countsOfRun(run: string): string {
  const part = (columns: string, from: string): string =>
    `SELECT ${columns} FROM tasks INDEXED BY ${from} AND run = ${run}`;
  return [
    `${part("'ended' AS phase, verdict, count(*) AS count, NULL AS wake", "tasks_ended WHERE phase = 'ended'")} GROUP BY verdict`,
    `${part("'ready', NULL, count(*), NULL", "tasks_ready WHERE phase = 'ready'")} HAVING count(*) > 0`,
    `${part("phase, NULL, count(*), NULL", `tasks_held WHERE ${held}`)} GROUP BY phase`,
    `${part("phase, NULL, count(*), min(not_before)", `tasks_waiting WHERE ${waiting}`)} GROUP BY phase`,
    `${part("phase, NULL, count(*), NULL", `tasks_others WHERE ${others}`)} GROUP BY phase`,
  ].join(" UNION ALL ");
}
