/** Every statement of the hot path, prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { taskColumns } from "./rows.ts";

const joined = `SELECT ${taskColumns} FROM tasks t JOIN runs r ON r.id = t.run`;
const held = "phase IN ('running', 'verifying', 'cancelling')";
const waiting = "phase IN ('retry-wait', 'quota-wait')";
const entries = `SELECT e.seq, e.at, e.type, e.data, r.run_id, t.task_id,
    CASE e.type WHEN 'task.queued' THEN t.spec END AS spec
  FROM events e JOIN runs r ON r.id = e.run LEFT JOIN tasks t ON t.id = e.task`;

const text = {
  dataVersion: "PRAGMA data_version",
  addRun: `INSERT INTO runs (run_id, name, root, parallel, fail_fast, timeout_ms, shared_checks, created_at, first_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveRun: "UPDATE runs SET finished_at = ?, verdict = ?, interrupted_at = ? WHERE run_id = ?",
  run: "SELECT * FROM runs WHERE run_id = ?",
  runs: "SELECT * FROM runs ORDER BY id DESC",
  lastSequence: "SELECT max(id) AS id FROM tasks",
  addTask: `INSERT INTO tasks (id, run, task_id, lane, phase, behind_ms, serve_day, open, verdict, locks, spec, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  addLane: "INSERT OR IGNORE INTO lanes (run, lane) VALUES (?, ?)",
  addEdge: "INSERT OR IGNORE INTO edges (dependency, dependant) VALUES (?, ?)",
  saveTask: `UPDATE tasks SET phase = ?, serve_day = ?, attempt = ?, failures = ?, losses = ?, max_attempts = ?,
    agent_id = ?, worker_id = ?, started_at = ?, not_before = ?, verdict = ?, detail = ? WHERE id = ?`,
  moveTask: "UPDATE tasks SET lane = ? WHERE id = ?",
  task: `${joined} WHERE t.run = (SELECT id FROM runs WHERE run_id = ?) AND t.task_id = ?`,
  taskAt: `${joined} WHERE t.id = ?`,
  counts: `SELECT phase, verdict, count(*) AS count, min(not_before) AS wake FROM tasks
    WHERE run = (SELECT id FROM runs WHERE run_id = ?) GROUP BY phase, verdict`,
  release: `UPDATE tasks SET open = open - 1
    WHERE id IN (SELECT dependant FROM edges WHERE dependency = ?) RETURNING id, open`,
  dependants: "SELECT id, open FROM tasks WHERE id IN (SELECT dependant FROM edges WHERE dependency = ?)",
  lanes: "SELECT lane FROM lanes WHERE run = (SELECT id FROM runs WHERE run_id = ?)",
  due: `SELECT id FROM tasks WHERE ${waiting} AND not_before <= ? ORDER BY not_before, id`,
  nextWakeAt: `SELECT min(not_before) AS at FROM tasks WHERE ${waiting}`,
  heldByAgent: `SELECT count(*) AS count FROM tasks WHERE ${held} AND agent_id = ?`,
  heldInRun: `SELECT count(*) AS count FROM tasks INDEXED BY tasks_held WHERE ${held} AND run = ?`,
  heldLocks: `SELECT spec FROM tasks INDEXED BY tasks_held WHERE ${held} AND locks = 1`,
  held: `SELECT ${taskColumns}, w.worker_id AS workerId, w.pid, w.started, w.host
    FROM tasks t INDEXED BY tasks_held JOIN runs r ON r.id = t.run JOIN workers w ON w.worker_id = t.worker_id
    WHERE t.${held} AND r.run_id = ? ORDER BY t.id`,
  saveWorker: `INSERT INTO workers (worker_id, pid, started, host, seen_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (worker_id) DO UPDATE SET seen_at = excluded.seen_at`,
  journal: `${entries} WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
  // From the run's first entry on, so that an old file costs nothing.
  journalOfRun: `${entries} WHERE r.run_id = ? AND e.seq > max(?, r.first_seq - 1) ORDER BY e.seq LIMIT ?`,
};

const removeRun = [
  "DELETE FROM events WHERE run = ?",
  "DELETE FROM edges WHERE dependency IN (SELECT id FROM tasks WHERE run = ?)",
  "DELETE FROM tasks WHERE run = ?",
  "DELETE FROM lanes WHERE run = ?",
  "DELETE FROM runs WHERE id = ?",
];

/** Prepares them all. */
export function statements(
  db: DatabaseSync,
): Record<keyof typeof text, StatementSync> & { readonly removeRun: readonly StatementSync[] } {
  const prepared = Object.entries(text).map(([name, sql]) => [name, db.prepare(sql)]);
  return { ...Object.fromEntries(prepared), removeRun: removeRun.map((sql) => db.prepare(sql)) };
}
