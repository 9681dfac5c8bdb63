/** What is only read, each in one statement. */
import type { TaskPhase, TaskState, Verdict } from "mai-orchestration-core";
import type { HeldAttempt, RunCounts, RunRecord, TaskFilter, WorkerIdentity } from "mai-orchestration-engine";
import type { Sql } from "./database.ts";
import { keyOf, runOf, taskColumns, taskOf, taskTables, workerOf } from "./rows.ts";

const held = "('running', 'verifying', 'cancelling')";

export class Reads {
  readonly #s: string;

  constructor(schema: string) {
    this.#s = schema;
  }

  async runs(sql: Sql): Promise<readonly RunRecord[]> {
    return (await sql.query(`select record, first_seq from ${this.#s}.runs order by id desc`)).map(runOf);
  }

  /** Those that have not finished and do not rest. */
  async openRuns(sql: Sql): Promise<readonly RunRecord[]> {
    const rows = await sql.query(
      `select record, first_seq from ${this.#s}.runs where finished_at is null order by id`,
    );
    return rows.map(runOf).filter((run) => run.interruptedAt === null);
  }

  async run(sql: Sql, runId: string): Promise<RunRecord | undefined> {
    const [row] = await sql.query(`select record, first_seq from ${this.#s}.runs where run_key = $1`, [
      keyOf(runId),
    ]);
    return row === undefined ? undefined : runOf(row);
  }

  async tasks(sql: Sql, filter: TaskFilter): Promise<readonly TaskState[]> {
    const { runId, taskIds, phases, afterSequence, limit } = filter;
    const rows = await sql.query(
      `select ${taskColumns} from ${taskTables(this.#s)} join ${this.#s}.runs r on r.id = t.run
        where r.run_key = $1 and ($2::text[] is null or t.task_key = any($2))
        and ($3::text[] is null or t.phase = any($3)) and t.id > $4 order by t.id limit $5`,
      [keyOf(runId), taskIds?.map(keyOf) ?? null, phases ?? null, afterSequence ?? 0, limit ?? null],
    );
    return rows.map(taskOf);
  }

  async counts(sql: Sql, runId: string): Promise<RunCounts> {
    const rows = await sql.query(
      `select t.phase, t.verdict, count(*) as count, min(t.not_before) as wake from ${this.#s}.tasks t
        join ${this.#s}.runs r on r.id = t.run where r.run_key = $1 group by t.phase, t.verdict`,
      [keyOf(runId)],
    );
    const phases: Partial<Record<TaskPhase, number>> = {};
    const verdicts: Partial<Record<Verdict, number>> = {};
    let total = 0;
    let nextWakeAt: number | null = null;
    for (const row of rows as readonly {
      phase: TaskPhase;
      verdict: Verdict | null;
      count: number;
      wake: number | null;
    }[]) {
      const { phase, verdict, count, wake } = row;
      total += count;
      phases[phase] = (phases[phase] ?? 0) + count;
      if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + count;
      if (wake !== null) nextWakeAt = Math.min(nextWakeAt ?? wake, wake);
    }
    return { total, phases, verdicts, nextWakeAt };
  }

  async held(sql: Sql, runId: string | undefined): Promise<readonly HeldAttempt[]> {
    const rows = await sql.query(
      `select ${taskColumns}, w.identity, w.renewals from ${taskTables(this.#s)} join ${this.#s}.runs r on r.id = t.run
        join ${this.#s}.workers w on w.worker_key = t.worker_key
        where t.phase in ${held} and ($1::text is null or r.run_key = $1) order by t.id`,
      [runId === undefined ? null : keyOf(runId)],
    );
    return rows.map((row) => {
      const task = taskOf(row);
      const worker = workerOf(row);
      const { runId, spec, attempt } = task;
      const claim = { runId, taskId: spec.taskId, attempt, workerId: worker.workerId, task };
      return { claim, worker, renewals: row["renewals"] as number };
    });
  }

  async drivers(sql: Sql, runId: string): Promise<readonly WorkerIdentity[]> {
    const rows = await sql.query(
      `select w.identity from ${this.#s}.drivers d join ${this.#s}.runs r on r.id = d.run
        join ${this.#s}.workers w on w.worker_key = d.worker_key where r.run_key = $1 order by d.worker_key`,
      [keyOf(runId)],
    );
    return rows.map(workerOf);
  }
}
