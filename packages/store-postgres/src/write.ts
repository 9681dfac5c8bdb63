/** Writes what a turn changed. Says nothing of jobs and of who is told. */
import { demandOfLane, nothingSpent } from "mai-orchestration-core";
import type { ChangedTask, Changes } from "./changes.ts";
import type { Row, Sql } from "./database.ts";
import type { Facts } from "./facts.ts";
import { Overtaken } from "./failures.ts";
import { dataOf, digestOf, keyOf, recordText, stateText } from "./rows.ts";

/** A job to be made for a task whose attempt starts. */
export type JobOf = (changed: ChangedTask) => string | null;

/** Who claims many times a second is written down once. */
const freshMs = 1_000;

export class Writer {
  readonly #s: string;
  /** Numbers of lanes, which never change while their run is there. */
  readonly #lanes = new Map<string, number>();
  /** Workers, and drivers of runs, that were written a moment ago, with the time by the store's clock. */
  readonly #fresh = new Map<string, number>();

  constructor(schema: string) {
    this.#s = schema;
  }

  async write(sql: Sql, facts: Facts, changes: Changes, jobOf: JobOf): Promise<void> {
    const runs = await this.#runs(sql, facts, changes);
    await this.#workers(sql, changes, runs);
    const changed = [...changes.tasks.values()].filter(isOther);
    const added = changed.filter(({ isNew }) => isNew);
    const saved = changed.filter(({ isNew }) => !isNew);
    await this.#findLanes(sql, changed, runs);
    if (added.length > 0) await this.#addTasks(sql, added, runs);
    if (changes.edges.length > 0) await this.#addEdges(sql, changes);
    await this.#saveAndTell(sql, saved, changes, runs, jobOf);
    if (changes.newRuns.size > 0) await this.#setFirstSeq(sql, changes, runs);
  }

  /** Rows of all runs that are written to, by id. */
  async #runs(sql: Sql, facts: Facts, changes: Changes): Promise<Map<string, number>> {
    const runs = new Map<string, number>();
    for (const [runId, run] of facts.runs) if (run !== null) runs.set(runId, run.id);
    for (const { before } of changes.tasks.values())
      if (before !== null) runs.set(before.task.runId, before.run);
    for (const [runId, record] of changes.newRuns) {
      const [row] = await sql.query(
        `insert into ${this.#s}.runs (run_key, record, first_seq, finished_at) values ($1, $2, 0, $3) returning id`,
        [keyOf(runId), recordText(record), record.finishedAt],
      );
      runs.set(runId, row?.["id"] as number);
    }
    for (const [runId, record] of changes.savedRuns) {
      await sql.query(`update ${this.#s}.runs set record = $2, finished_at = $3 where id = $1`, [
        runs.get(runId),
        recordText(record),
        record.finishedAt,
      ]);
    }
    for (const [runId, { spentUsd, largestUsd }] of changes.spendings) {
      // Others may have added theirs since it was read.
      const before = facts.runs.get(runId)?.spending ?? nothingSpent;
      await sql.query(
        `update ${this.#s}.runs set spent_usd = spent_usd + $2, largest_usd = greatest(largest_usd, $3) where id = $1`,
        [runs.get(runId), spentUsd - before.spentUsd, largestUsd],
      );
    }
    return runs;
  }

  async #workers(sql: Sql, changes: Changes, runs: ReadonlyMap<string, number>): Promise<void> {
    for (const { worker, at } of changes.workers.values()) {
      if (!changes.renewals.has(worker.workerId) && this.#isFresh(worker.workerId, at)) continue;
      await sql.query(
        `insert into ${this.#s}.workers as w (worker_key, identity, seen_at, renewals) values ($1, $2, $3, $4)
          on conflict (worker_key) do update set identity = excluded.identity, seen_at = excluded.seen_at,
            renewals = w.renewals + excluded.renewals`,
        [keyOf(worker.workerId), JSON.stringify(worker), at, changes.renewals.get(worker.workerId) ?? 0],
      );
    }
    if (changes.clearedDrivers.size > 0) this.#fresh.clear();
    for (const runId of changes.clearedDrivers) {
      await sql.query(`delete from ${this.#s}.drivers where run = $1`, [runs.get(runId)]);
    }
    const drivers = changes.drivers.flatMap(([runId, workerId]) => {
      const run = runs.get(runId);
      const at = changes.workers.get(workerId)?.at ?? Number.NaN;
      if (run === undefined || this.#isFresh(`${run} ${workerId}`, at)) return [];
      return [[run, keyOf(workerId)] as const];
    });
    if (drivers.length === 0) return;
    await sql.query(
      `insert into ${this.#s}.drivers select * from unnest($1::bigint[], $2::text[]) on conflict do nothing`,
      [drivers.map(([run]) => run), drivers.map(([, key]) => key)],
    );
  }

  /** Whether it was written within the last second; if not, it is now. */
  #isFresh(name: string, at: number): boolean {
    const last = this.#fresh.get(name);
    if (last !== undefined && at >= last && at - last < freshMs) return true;
    this.#fresh.set(name, at);
    return false;
  }

  async #findLanes(
    sql: Sql,
    changed: readonly ChangedTask[],
    runs: ReadonlyMap<string, number>,
  ): Promise<void> {
    const unknown = new Map<string, readonly [run: number, lane: string]>();
    for (const { task, lane } of changed) {
      const run = runs.get(task.runId) ?? 0;
      if (!this.#lanes.has(laneKey(run, lane))) unknown.set(laneKey(run, lane), [run, lane]);
    }
    if (unknown.size === 0) return;
    const lanes = [...unknown.values()];
    const rows = await sql.query(
      `insert into ${this.#s}.lanes (run, digest, lane, locks)
        select * from unnest($1::bigint[], $2::text[], $3::text[], $4::boolean[])
        on conflict (run, digest) do update set locks = excluded.locks returning id, run, lane`,
      [
        lanes.map(([run]) => run),
        lanes.map(([, lane]) => digestOf(lane)),
        lanes.map(([, lane]) => lane),
        lanes.map(([, lane]) => demandOfLane(lane).locks.length > 0),
      ],
    );
    for (const row of rows) {
      this.#lanes.set(laneKey(row["run"] as number, row["lane"] as string), row["id"] as number);
    }
  }

  /** After a transaction that was not made, what it would have made is not there. */
  forget(): void {
    this.#lanes.clear();
    this.#fresh.clear();
  }

  async #addTasks(sql: Sql, added: readonly ChangedTask[], runs: ReadonlyMap<string, number>): Promise<void> {
    const rows = added.map((one) => ({
      ...this.#columns(one, runs),
      run: runs.get(one.task.runId),
      task_key: keyOf(one.task.spec.taskId),
      behind_ms: one.task.behindMs,
      spec: JSON.stringify(one.task.spec),
      answer: one.task.answer === null ? null : JSON.stringify(one.task.answer),
    }));
    await sql.query(
      `insert into ${this.#s}.tasks (id, run, task_key, lane, phase, serve_day, behind_ms, open, dependants, agent_key,
          worker_key, not_before, verdict, version, spec, state, answer)
        select id, run, task_key, lane, phase, serve_day, behind_ms, open, dependants, agent_key,
          worker_key, not_before, verdict, 1, spec, state, answer
        from json_to_recordset($1::json) as n(${columnTypes}, run bigint, task_key text, behind_ms double precision,
          spec text, answer text)`,
      [JSON.stringify(rows)],
    );
  }

  async #addEdges(sql: Sql, { edges }: Changes): Promise<void> {
    await sql.query(
      `insert into ${this.#s}.edges select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing`,
      [edges.map(([dependency]) => dependency), edges.map(([, dependant]) => dependant)],
    );
  }

  /** Changed rows and new entries in one statement. Throws {@link Overtaken} when a row is not as it was read. */
  async #saveAndTell(
    sql: Sql,
    saved: readonly ChangedTask[],
    { events }: Changes,
    runs: ReadonlyMap<string, number>,
    jobOf: JobOf,
  ): Promise<void> {
    if (saved.length === 0 && events.length === 0) return;
    const rows = saved.map((one) => {
      const { task, before } = one;
      const keeps = task.answer === before?.task.answer;
      const answer = keeps || task.answer === null ? null : JSON.stringify(task.answer);
      return { ...this.#columns(one, runs), version: before?.version, job: jobOf(one), keeps, answer };
    });
    const entries = events.map(({ runId, sequence, event, at }) => ({
      run: runs.get(runId),
      task: sequence,
      at,
      type: event.type,
      data: dataOf(event),
    }));
    const written = await sql.query(this.#saveText, [JSON.stringify(rows), JSON.stringify(entries)]);
    if (countOf(written) !== saved.length) throw new Overtaken("A task was changed by somebody else");
  }

  get #saveText(): string {
    return `with changed as (
      update ${this.#s}.tasks t set lane = n.lane, phase = n.phase, serve_day = n.serve_day, open = n.open,
        dependants = n.dependants, agent_key = n.agent_key, worker_key = n.worker_key, not_before = n.not_before,
        verdict = n.verdict, job = n.job, version = t.version + 1, state = n.state,
        answer = case when n.keeps then t.answer else n.answer end
      from json_to_recordset($1::json) as n(${columnTypes}, version integer, job uuid, keeps boolean, answer text)
      where t.id = n.id and t.version = n.version returning 1
    ), told as (
      insert into ${this.#s}.events (seq, run, task, at, type, data)
      select nextval('${this.#s}.event_seq'), e.run, e.task, e.at, e.type, e.data from (
        select * from rows from (json_to_recordset($2::json)
          as (run bigint, task bigint, at double precision, type text, data text)) with ordinality
          as e(run, task, at, type, data, place) order by place) e
    ) select count(*) as count from changed`;
  }

  /** The columns that both new and changed rows have; see {@link columnTypes}. */
  #columns({ task, lane, open, dependants }: ChangedTask, runs: ReadonlyMap<string, number>): object {
    return {
      id: task.sequence,
      lane: this.#lanes.get(laneKey(runs.get(task.runId) ?? 0, lane)),
      phase: task.phase,
      serve_day: task.serveDay,
      open,
      dependants,
      agent_key: keyOrNull(task.agentId),
      worker_key: keyOrNull(task.workerId),
      not_before: task.notBefore,
      verdict: task.end?.verdict ?? null,
      state: stateText(task),
    };
  }

  async #setFirstSeq(sql: Sql, { newRuns }: Changes, runs: ReadonlyMap<string, number>): Promise<void> {
    for (const runId of newRuns.keys()) {
      await sql.query(
        `update ${this.#s}.runs set first_seq = coalesce((select min(seq) from ${this.#s}.events where run = $1), 0)
          where id = $1`,
        [runs.get(runId)],
      );
    }
  }
}

const columnTypes = `id bigint, lane bigint, phase text, serve_day integer, open integer, dependants integer,
  agent_key text, worker_key text, not_before double precision, verdict text, state text`;

/** Whether anything of it differs from what was read. A task whose dependants became more is written as it is: its version tells. */
function isOther({ isNew, before }: ChangedTask): boolean {
  return isNew || before !== null;
}

function countOf(rows: readonly Row[]): number {
  return rows[0]?.["count"] as number;
}

function keyOrNull(id: string | null): string | null {
  return id === null ? null : keyOf(id);
}

function laneKey(run: number, lane: string): string {
  return `${run} ${lane}`;
}
