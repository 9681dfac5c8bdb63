/** What workers say of themselves. */
import type { WorkerIdentity } from "mai-orchestration-engine";
import type { Sql } from "./database.ts";
import { keyOf, workerOf } from "./rows.ts";

/** What a worker offers. @public */
export interface WorkerLabel {
  /** The machine's name, for people. */
  readonly host: string;
  /** Its share of each agent. */
  readonly agents: Readonly<Record<string, number>>;
  readonly tags: readonly string[];
  /** Unix milliseconds. */
  readonly since: number;
  /** Whether it takes no more tasks and goes when its attempts have ended. */
  readonly draining: boolean;
}

/** A worker and when it was last heard of. @public */
export interface SeenWorker {
  readonly worker: WorkerIdentity;
  readonly label: WorkerLabel;
  /** Milliseconds since it last renewed. */
  readonly silentMs: number;
  /** Attempts it holds. */
  readonly held: number;
}

const goneMs = 24 * 60 * 60 * 1_000;

export class Workers {
  readonly #s: string;

  constructor(schema: string) {
    this.#s = schema;
  }

  async label(sql: Sql, worker: WorkerIdentity, label: WorkerLabel | null, now: number): Promise<void> {
    await sql.query(
      `insert into ${this.#s}.workers (worker_key, identity, seen_at, label) values ($1, $2, $3, $4)
        on conflict (worker_key) do update set seen_at = excluded.seen_at, label = excluded.label`,
      [keyOf(worker.workerId), JSON.stringify(worker), now, label === null ? null : JSON.stringify(label)],
    );
  }

  async seen(sql: Sql, worker: WorkerIdentity, now: number): Promise<void> {
    await sql.query(
      `insert into ${this.#s}.workers (worker_key, identity, seen_at) values ($1, $2, $3)
        on conflict (worker_key) do update set seen_at = excluded.seen_at`,
      [keyOf(worker.workerId), JSON.stringify(worker), now],
    );
  }

  /** Those that have a label, the newest first. Who was silent for a day and holds nothing is gone. */
  async all(sql: Sql, now: number): Promise<readonly SeenWorker[]> {
    const rows = await sql.query(
      `select w.identity, w.label, w.seen_at, (select count(*) from ${this.#s}.tasks t
          where t.worker_key = w.worker_key and t.phase in ('running', 'verifying', 'cancelling')) as held
        from ${this.#s}.workers w where w.label is not null order by w.seen_at desc`,
    );
    const all = rows.map((row) => ({
      worker: workerOf(row),
      label: JSON.parse(row["label"] as string) as WorkerLabel,
      silentMs: Math.max(0, now - (row["seen_at"] as number)),
      held: row["held"] as number,
    }));
    return all.filter(({ silentMs, held }) => held > 0 || silentMs < goneMs);
  }
}
