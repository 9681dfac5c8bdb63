/** The statements of an overview, each over an index. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { countsOfRun, held, others } from "../counts-of-run.ts";
import { prepared } from "../prepared.ts";
import type { Row } from "../rows.ts";
import { countsOf, runOf, workerOf } from "../run-rows.ts";
import {
  type AskingTask,
  type EndedTask,
  type EndType,
  endTypes,
  type HeldTask,
  type Overview,
  type OverviewQuery,
  type RunOverview,
} from "./overview-shape.ts";

/** Finished runs that are told of although nothing of them is new. */
const newestFinished = 3;

/** The condition of the index, word for word. */
const isEnd = "e.type IN ('task.succeeded', 'task.failed', 'task.blocked', 'task.cancelled', 'run.finished')";
const ends = `events e INDEXED BY events_ends`;
const endsOfType = `${isEnd} AND e.run = ?1 AND e.type = ?2 AND e.seq > ?3`;

const statements = {
  seq: "SELECT ifnull(max(seq), 0) AS seq FROM events",
  open: "SELECT * FROM runs WHERE finished_at IS NULL ORDER BY id DESC",
  newest: "SELECT * FROM runs WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT ?",
  finishedSince: `SELECT * FROM runs r WHERE finished_at IS NOT NULL
    AND EXISTS (SELECT 1 FROM ${ends} WHERE ${isEnd} AND e.run = r.id AND e.seq > ?) ORDER BY id DESC`,
  counts: `${countsOfRun("?1")}`,
  held: `SELECT s.task_id, t.agent_id, t.started_at FROM tasks t INDEXED BY tasks_held JOIN specs s ON s.id = t.id
    WHERE t.${held} AND t.run = ? ORDER BY t.id LIMIT ?`,
  asking: `SELECT s.task_id, t.attempt FROM tasks t INDEXED BY tasks_others JOIN specs s ON s.id = t.id
    WHERE t.${others} AND t.phase = 'approval-wait' AND t.run = ? ORDER BY t.id LIMIT ?`,
  workers: `SELECT w.worker_id AS workerId, w.pid, w.started, w.host FROM workers w WHERE w.worker_id IN (
    SELECT worker_id FROM drivers WHERE run = ?1
    UNION SELECT worker_id FROM tasks INDEXED BY tasks_held WHERE ${held} AND run = ?1)`,
  endCount: `SELECT count(*) AS count FROM ${ends} WHERE ${endsOfType}`,
  ended: `SELECT s.task_id, e.data FROM ${ends} JOIN specs s ON s.id = e.task WHERE ${endsOfType}
    ORDER BY e.seq DESC LIMIT ?4`,
};

type Sql = Readonly<Record<keyof typeof statements, StatementSync>>;

/** @internal */
export function look(db: DatabaseSync, query: OverviewQuery): Overview {
  const sql = prepared(db, statements);
  const open = sql.open.all();
  const finished = finishedRuns(sql, query);
  const shown = [...open.slice(0, query.mostRuns), ...finished.slice(0, query.mostRuns)];
  return {
    seq: Number(sql.seq.get()?.["seq"]),
    runs: shown.map((row) => overviewOf(sql, row, query)),
    more: {
      open: Math.max(0, open.length - query.mostRuns),
      finished: Math.max(0, finished.length - query.mostRuns),
    },
  };
}

function finishedRuns(sql: Sql, { afterSeq }: OverviewQuery): readonly Row[] {
  const since = afterSeq === null ? [] : sql.finishedSince.all(afterSeq);
  const known = new Set(since.map((row) => row["id"]));
  return [...since, ...sql.newest.all(newestFinished).filter((row) => !known.has(row["id"]))];
}

function overviewOf(sql: Sql, row: Row, { afterSeq, mostTasks }: OverviewQuery): RunOverview {
  const id = row["id"] as number;
  const count = (type: EndType): number =>
    afterSeq === null ? 0 : Number(sql.endCount.get(id, type, afterSeq)?.["count"]);
  const counted = Object.fromEntries(endTypes.map((type) => [type, count(type)])) as Record<EndType, number>;
  const named = endTypes
    .filter((type) => counted[type] > 0)
    .flatMap((type) => sql.ended.all(id, type, afterSeq, mostTasks).map((end) => endedOf(type, end)));
  return {
    run: runOf(row),
    counts: countsOf(sql.counts.all(id)),
    held: sql.held.all(id, mostTasks).map(heldOf),
    asking: sql.asking.all(id, mostTasks).map(askingOf),
    workers: sql.workers.all(id).map(workerOf),
    ends: counted,
    ended: named,
  };
}

function endedOf(type: EndType, row: Row): EndedTask {
  const { reason } = JSON.parse(row["data"] as string) as { readonly reason?: string };
  return { taskId: row["task_id"] as string, type, reason: reason ?? null };
}

function askingOf(row: Row): AskingTask {
  return { taskId: row["task_id"] as string, attempt: row["attempt"] as number };
}

function heldOf(row: Row): HeldTask {
  return {
    taskId: row["task_id"] as string,
    agentId: row["agent_id"] as string | null,
    startedAt: row["started_at"] as number | null,
  };
}
