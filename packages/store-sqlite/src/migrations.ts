/** The shape of the file. A migration, once released, never changes; later ones are added at the end. */

/** Marks the file as ours in its header: "MAI1". */
export const applicationId = 0x4d414931;

/** Statements that lead from one version of the file to the next; the file's `user_version` counts them. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    -- Never given twice: processes remember the numbers of runs that another one may prune.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL UNIQUE,
    name TEXT,
    root TEXT NOT NULL,
    parallel INTEGER,
    fail_fast INTEGER NOT NULL,
    timeout_ms REAL,
    shared_checks INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    finished_at INTEGER,
    verdict TEXT,
    interrupted_at INTEGER
  ) STRICT;

  -- Who has claimed from a run since it was last interrupted or finished.
  CREATE TABLE drivers (
    run INTEGER NOT NULL,
    worker_id TEXT NOT NULL,
    PRIMARY KEY (run, worker_id)
  ) STRICT, WITHOUT ROWID;

  -- What never changes of a task. Apart from what does, so that changing it rewrites few bytes.
  CREATE TABLE specs (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    spec TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX specs_by_id ON specs (run, task_id);

  -- One row a task: the fold of its events. The answer stands in the journal, at answer_seq.
  CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    phase TEXT NOT NULL,
    behind_ms REAL NOT NULL,
    serve_day INTEGER,
    open INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    agent_id TEXT,
    worker_id TEXT,
    started_at INTEGER,
    not_before INTEGER,
    verdict TEXT,
    ended_at INTEGER,
    answer_seq INTEGER,
    usage TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX tasks_ready ON tasks (run, lane, serve_day, behind_ms DESC, id) WHERE phase = 'ready';
  CREATE INDEX tasks_held ON tasks (agent_id, run) WHERE phase IN ('running', 'verifying', 'cancelling');
  CREATE INDEX tasks_waiting ON tasks (not_before) WHERE phase IN ('retry-wait', 'quota-wait');

  -- Tasks with equal demands share a lane; locks says whether it names any.
  CREATE TABLE lanes (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    lane TEXT NOT NULL,
    locks INTEGER NOT NULL,
    UNIQUE (run, lane)
  ) STRICT;

  CREATE TABLE edges (
    dependency INTEGER NOT NULL,
    dependant INTEGER NOT NULL,
    PRIMARY KEY (dependency, dependant)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workers (
    worker_id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    host TEXT NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The journal. Nothing is ever changed here; the task of task.queued stands in specs.
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    task INTEGER,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;

  -- The highest numbers of rows that were pruned; later ones are above them.
  CREATE TABLE floors (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How often a worker has renewed its leases: who sees it rise knows that the worker lives, whatever the clocks show.
  ALTER TABLE workers ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Where the tasks of a run stand, counted without reading them: each task is in one of these or in those above.
  CREATE INDEX tasks_ended ON tasks (run, verdict) WHERE phase = 'ended';
  CREATE INDEX tasks_others ON tasks (run, phase)
    WHERE phase NOT IN ('ended', 'ready', 'running', 'verifying', 'cancelling', 'retry-wait', 'quota-wait');
  -- What ended after a place in the journal.
  CREATE INDEX events_ends ON events (run, type)
    WHERE type IN ('task.succeeded', 'task.failed', 'task.blocked', 'task.cancelled', 'run.finished');
  `,
  `
  -- What the attempts of a run may cost, what those that said so have cost, and the dearest of them.
  ALTER TABLE runs ADD COLUMN max_cost_usd REAL;
  ALTER TABLE runs ADD COLUMN spent_usd REAL NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN largest_usd REAL NOT NULL DEFAULT 0;
  UPDATE runs SET (spent_usd, largest_usd) = (
    SELECT total(data ->> '$.answer.usage.costUsd'), ifnull(max(data ->> '$.answer.usage.costUsd'), 0)
    FROM events WHERE run = runs.id AND type IN ('attempt.answered', 'attempt.failed', 'attempt.lost')
  );
  `,
];
