/** Every statement of the tables. */
import { countsOfRun, held, waiting } from "./counts-of-run.ts";
import { changing, taskColumns, taskTables } from "./rows.ts";

const entries = `SELECT e.seq, e.at, e.type, e.data, r.run_id, s.task_id,
    CASE e.type WHEN 'task.queued' THEN s.spec END AS spec
  FROM events e JOIN runs r ON r.id = e.run LEFT JOIN specs s ON s.id = e.task`;
const dependantsOf = "id IN (SELECT dependant FROM edges WHERE dependency = ?)";

export const statements = {
  dataVersion: "PRAGMA data_version",
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  addRun: `INSERT INTO runs (run_id, name, root, parallel, fail_fast, timeout_ms, shared_checks, max_cost_usd,
    created_at, first_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  saveRun:
    "UPDATE runs SET max_cost_usd = ?, finished_at = ?, verdict = ?, interrupted_at = ? WHERE run_id = ?",
  spending: "SELECT spent_usd AS spentUsd, largest_usd AS largestUsd FROM runs WHERE run_id = ?",
  saveSpending: "UPDATE runs SET spent_usd = ?, largest_usd = ? WHERE run_id = ?",
  run: "SELECT * FROM runs WHERE run_id = ?",
  runs: "SELECT * FROM runs ORDER BY id DESC",
  lastSequence: `SELECT max(ifnull((SELECT max(id) FROM tasks), 0),
    ifnull((SELECT value FROM floors WHERE name = 'tasks'), 0)) AS id`,
  keepFloors: `INSERT INTO floors (name, value)
    SELECT 'events', ifnull(max(seq), 0) FROM events UNION ALL SELECT 'tasks', ifnull(max(id), 0) FROM tasks WHERE true
    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
  addSpec: "INSERT INTO specs (id, run, task_id, spec) VALUES (?, ?, ?, ?)",
  addTask: `INSERT INTO tasks (id, run, lane, behind_ms, open, answer_seq, ${changing.join(", ")})
    VALUES (?, ?, ?, ?, ?, ?, ${changing.map(() => "?").join(", ")})`,
  addLane: "INSERT OR IGNORE INTO lanes (run, lane, locks) VALUES (?, ?, ?)",
  lane: "SELECT id FROM lanes WHERE run = ? AND lane = ?",
  addEdge: "INSERT OR IGNORE INTO edges (dependency, dependant) VALUES (?, ?)",
  saveTask: `UPDATE tasks SET ${changing.map((column) => `${column} = ?`).join(", ")},
    answer_seq = coalesce(?, CASE WHEN ? THEN answer_seq END) WHERE id = ?`,
  moveTask: "UPDATE tasks SET lane = ? WHERE id = ?",
  task: `SELECT ${taskColumns} FROM ${taskTables}
    WHERE s.run = (SELECT id FROM runs WHERE run_id = ?) AND s.task_id = ?`,
  taskAt: `SELECT ${taskColumns} FROM ${taskTables} WHERE t.id = ?`,
  counts: `${countsOfRun("(SELECT id FROM runs WHERE run_id = ?1)")}`,
  anyEdge: "SELECT EXISTS (SELECT 1 FROM edges) AS any",
  release: `UPDATE tasks SET open = open - 1 WHERE ${dependantsOf} RETURNING id, open`,
  dependants: `SELECT id, open FROM tasks WHERE ${dependantsOf}`,
  lanes: "SELECT id, lane FROM lanes WHERE run = (SELECT id FROM runs WHERE run_id = ?)",
  due: `SELECT id FROM tasks WHERE ${waiting} AND not_before <= ? ORDER BY not_before, id`,
  nextWakeAt: `SELECT min(not_before) AS at FROM tasks WHERE ${waiting}`,
  heldByAgent: `SELECT count(*) AS count FROM tasks WHERE ${held} AND agent_id = ?`,
  heldInRun: `SELECT count(*) AS count FROM tasks INDEXED BY tasks_held WHERE ${held} AND run = ?`,
  anyLock: "SELECT EXISTS (SELECT 1 FROM lanes WHERE locks = 1) AS any",
  heldLocks: `SELECT s.spec FROM tasks t INDEXED BY tasks_held JOIN specs s ON s.id = t.id WHERE t.${held}`,
  held: `SELECT ${taskColumns}, w.worker_id AS workerId, w.pid, w.started, w.host, w.renewals
    FROM ${taskTables.replace("tasks t", "tasks t INDEXED BY tasks_held")} JOIN workers w ON w.worker_id = t.worker_id
    WHERE t.${held} AND (?1 IS NULL OR r.run_id = ?1) ORDER BY t.id`,
  addDriver: "INSERT OR IGNORE INTO drivers (run, worker_id) VALUES (?, ?)",
  clearDrivers: "DELETE FROM drivers WHERE run = ?",
  drivers: `SELECT w.worker_id AS workerId, w.pid, w.started, w.host FROM drivers d
    JOIN workers w ON w.worker_id = d.worker_id WHERE d.run = (SELECT id FROM runs WHERE run_id = ?)`,
  saveWorker: `INSERT INTO workers (worker_id, pid, started, host, seen_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (worker_id) DO UPDATE SET seen_at = excluded.seen_at WHERE seen_at <= excluded.seen_at - 1000`,
  countRenewal: "UPDATE workers SET renewals = renewals + 1, seen_at = ? WHERE worker_id = ?",
  journal: `${entries} WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
  // From the run's first entry on, so that an old file costs nothing.
  journalOfRun: `${entries} WHERE r.run_id = ? AND e.seq > max(?, r.first_seq - 1) ORDER BY e.seq LIMIT ?`,
};

/** What removes a run; the one parameter of each is the run's row number. */
export const removeRun: readonly string[] = [
  "DELETE FROM events WHERE run = ?",
  "DELETE FROM edges WHERE dependency IN (SELECT id FROM tasks WHERE run = ?)",
  "DELETE FROM tasks WHERE run = ?",
  "DELETE FROM specs WHERE run = ?",
  "DELETE FROM lanes WHERE run = ?",
  "DELETE FROM drivers WHERE run = ?",
  "DELETE FROM runs WHERE id = ?",
];
