/** The shape of a namespace. A migration, once released, never changes; later ones are added at the end. */
import { MaiError } from "mai-orchestration-core";
import type { Sql } from "./database.ts";

/** Statements that lead from one version to the next; `meta.version` counts them. */
function migrations(s: string): readonly string[] {
  return [
    `
    create sequence ${s}.event_seq;
    create table ${s}.counters (name text primary key, value bigint not null);
    insert into ${s}.counters values ('task', 0);

    create table ${s}.runs (
      id bigint generated always as identity primary key,
      run_key text not null unique,
      record text not null,
      first_seq bigint not null,
      finished_at double precision
    );

    create index runs_open on ${s}.runs (id) where finished_at is null;

    -- Who has claimed from a run since it was last interrupted or finished.
    create table ${s}.drivers (
      run bigint not null,
      worker_key text not null,
      primary key (run, worker_key)
    );

    -- Tasks with equal demands share a lane; locks says whether it names any.
    create table ${s}.lanes (
      id bigint generated always as identity primary key,
      run bigint not null,
      digest text not null,
      lane text not null,
      locks boolean not null,
      unique (run, digest)
    );

    -- One row a task: the fold of its events. What is looked for stands in columns of its own.
    create table ${s}.tasks (
      id bigint primary key,
      run bigint not null,
      task_key text not null,
      lane bigint not null,
      phase text not null,
      serve_day integer,
      behind_ms double precision not null,
      open integer not null,
      dependants integer not null,
      agent_key text,
      worker_key text,
      not_before double precision,
      verdict text,
      -- The job of the running attempt in pg-boss, which is its lease.
      job uuid,
      version integer not null,
      spec text not null,
      state text not null,
      answer text
    );
    create unique index tasks_by_key on ${s}.tasks (run, task_key);
    create index tasks_ready on ${s}.tasks (run, lane, serve_day, behind_ms desc, id) where phase = 'ready';
    create index tasks_held on ${s}.tasks (agent_key, run) where phase in ('running', 'verifying', 'cancelling');
    create index tasks_waiting on ${s}.tasks (not_before) where phase in ('retry-wait', 'quota-wait');

    create table ${s}.edges (
      dependency bigint not null,
      dependant bigint not null,
      primary key (dependency, dependant)
    );

    create table ${s}.workers (
      worker_key text primary key,
      identity text not null,
      seen_at double precision not null,
      renewals bigint not null default 0,
      -- What a worker says of itself: its agents with their shares, its tags. Null for an engine that drives runs.
      label text
    );

    -- Attempts of an agent that may run at once, in the whole namespace.
    create table ${s}.agents (
      agent_key text primary key,
      agent_id text not null,
      max_concurrent integer not null
    );

    -- The journal. Nothing is ever changed here; the task of task.queued stands in tasks.spec.
    create table ${s}.events (
      seq bigint primary key,
      run bigint not null,
      task bigint,
      at double precision not null,
      type text not null,
      data text not null
    );
    create index events_of_run on ${s}.events (run, seq);
    `,
    `
    -- What those attempts of a run have cost that said so, and the dearest of them.
    alter table ${s}.runs add column spent_usd double precision not null default 0;
    alter table ${s}.runs add column largest_usd double precision not null default 0;
    update ${s}.runs r set spent_usd = c.spent, largest_usd = c.largest from (
      select run, sum(cost) as spent, max(cost) as largest
      from (select run, (data::json #>> '{answer,usage,costUsd}')::double precision as cost from ${s}.events
        where type in ('attempt.answered', 'attempt.failed', 'attempt.lost')) of_attempts
      where cost is not null group by run) c where c.run = r.id;
    `,
  ];
}

/** Makes the namespace, or brings it to this version; rejects `store.newer-version` when it is ahead of us. */
export async function migrate(sql: Sql, schema: string, name: string): Promise<void> {
  await sql.query(`create schema if not exists ${schema}`);
  await sql.query(`create table if not exists ${schema}.meta (version integer not null)`);
  const [row] = await sql.query(`select max(version) as version from ${schema}.meta`);
  const version = (row?.["version"] as number | null) ?? 0;
  const steps = migrations(schema);
  if (version > steps.length) throw newerVersion(name);
  for (const step of steps.slice(version)) await sql.query(step);
  if (version === steps.length) return;
  await sql.query(`delete from ${schema}.meta`);
  await sql.query(`insert into ${schema}.meta values (${steps.length})`);
}

/** The version a namespace has; `null` when there is none. */
export async function versionOf(sql: Sql, schema: string): Promise<number | null> {
  const [table] = await sql.query("select to_regclass($1) is not null as here", [`${schema}.meta`]);
  if (table?.["here"] !== true) return null;
  const [row] = await sql.query(`select max(version) as version from ${schema}.meta`);
  return (row?.["version"] as number | null) ?? null;
}

/** How many migrations this version of the package knows. */
export const newestVersion: number = migrations("s").length;

function newerVersion(name: string): MaiError {
  return new MaiError("store.newer-version", `${name} was written by a newer version`, {
    hint: "Update mai-orchestration-postgres here.",
  });
}
