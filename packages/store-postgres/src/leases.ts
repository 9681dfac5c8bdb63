/**
 * What of this store is pg-boss's: the leases of running attempts. An attempt's job is made and fetched in the
 * transaction that starts it, touched while it lives, and deleted in the transaction that ends it. A job that nobody
 * touches is taken back by pg-boss and handed to whoever fetches next: that attempt is lost.
 */

import { invariant } from "mai-orchestration-core";
import { PgBoss } from "pg-boss";
import type { Row, Sql } from "./database.ts";

/** The attempt that a job stands for. */
export interface Leased {
  readonly job: string;
  readonly sequence: number;
  readonly attempt: number;
}

const queue = "attempts";
/** pg-boss has no "never"; this is 63 years. */
const never = 2_000_000_000;
/** More redeliveries are taken with the next fetch. */
const mostRedelivered = 100;

/** How often pg-boss looks for leases that lapsed, in seconds. */
const lookSeconds = 1;

export class Leases {
  readonly #boss: PgBoss;
  readonly #sql: Sql;
  readonly #schema: string;
  readonly #leaseSeconds: number;
  #started: Promise<void> | null = null;

  constructor(sql: Sql, schema: string, leaseSeconds: number) {
    this.#sql = sql;
    this.#schema = `${schema}_pgboss`;
    this.#leaseSeconds = leaseSeconds;
    this.#boss = new PgBoss({
      db: executor(sql),
      schema: this.#schema,
      schedule: false,
      supervise: true,
      superviseIntervalSeconds: lookSeconds,
      monitorIntervalSeconds: lookSeconds,
      maintenanceIntervalSeconds: 3_600,
      flowIntervalSeconds: 3_600,
      bamIntervalSeconds: 3_600,
    });
    // A look that failed is repeated by the next one.
    this.#boss.on("error", () => undefined);
  }

  /** Makes pg-boss's tables where they are missing, and begins to look for lapsed leases. */
  start(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(queue, {
      policy: "standard",
      // Our rules alone end or retry a task: pg-boss never gives up a job.
      retryLimit: never,
      retryDelay: 0,
      retryBackoff: false,
      expireInSeconds: 86_400,
      heartbeatSeconds: Math.max(10, this.#leaseSeconds),
      retentionSeconds: never,
      deleteAfterSeconds: 3_600,
      notify: false,
    });
  }

  /** Begins the leases of attempts. Resolves the lapsed ones that pg-boss handed over together with them. */
  async begin(sql: Sql, leased: readonly Leased[]): Promise<readonly Leased[]> {
    const db = executor(sql);
    const jobs = leased.map(({ job, sequence, attempt }) => ({
      id: job,
      data: { sequence, attempt },
      retryLimit: never,
      // The limit of 24 hours holds for queues and `send`, not here; tests hold that it does not.
      expireInSeconds: never,
      heartbeatSeconds: this.#leaseSeconds,
      retentionSeconds: never,
    }));
    const made = await this.#boss.insert(queue, jobs, { db, returnId: true });
    invariant(made?.length === jobs.length, "every job is new");
    const waiting = new Set(leased.map(({ job }) => job));
    const lapsed: Leased[] = [];
    while (waiting.size > 0) {
      const fetched = await this.#fetch(sql, waiting.size);
      invariant(fetched.length > 0, "a job that was made can be fetched");
      for (const one of fetched) if (!waiting.delete(one.job)) lapsed.push(one);
    }
    return lapsed;
  }

  /** Ends leases; unknown ones are passed over. */
  async end(sql: Sql, jobs: readonly string[]): Promise<void> {
    const db = executor(sql);
    const answer = await this.#boss.deleteJob(queue, [...jobs], { db });
    // A look replaces the row of a job that lapsed: one that waited for the old row does not see the new one.
    if (affectedBy(answer) < jobs.length) await this.#boss.deleteJob(queue, [...jobs], { db });
  }

  /** Renews leases. Resolves those that are no longer there to be renewed. */
  async renew(jobs: readonly string[]): Promise<ReadonlySet<string>> {
    if (jobs.length === 0) return new Set();
    const answer = await this.#boss.touch(queue, [...jobs]);
    if (affectedBy(answer) === jobs.length) return new Set();
    const rows = await this.#sql.query(
      `select id::text from ${this.#schema}.job where name = $1 and id = any($2::uuid[]) and state = 'active'`,
      [queue, jobs],
    );
    const live = new Set(rows.map((row) => row["id"] as string));
    return new Set(jobs.filter((job) => !live.has(job)));
  }

  /** Takes over what pg-boss has taken back from those who did not renew. */
  redelivered(): Promise<readonly Leased[]> {
    return this.#fetch(this.#sql, mostRedelivered);
  }

  async stop(): Promise<void> {
    if (this.#started === null) return;
    await this.#started.catch(() => undefined);
    await this.#boss.stop({ graceful: false, close: false }).catch(() => undefined);
  }

  async #fetch(sql: Sql, batchSize: number): Promise<readonly Leased[]> {
    const jobs = await this.#boss.fetch<Omit<Leased, "job">>(queue, { batchSize, db: executor(sql) });
    return jobs.map(({ id, data }) => ({ job: id, sequence: data.sequence, attempt: data.attempt }));
  }
}

/** Jobs that a command found; pg-boss answers it without saying so in its types. */
function affectedBy(answer: object): number {
  const affected = (answer as { readonly affected?: unknown }).affected;
  invariant(typeof affected === "number", "pg-boss counts the jobs that a command found");
  return affected;
}

/** The way on which pg-boss runs its statements. */
function executor(sql: Sql): { executeSql(text: string, values?: unknown[]): Promise<{ rows: Row[] }> } {
  return { executeSql: async (text, values) => ({ rows: [...(await sql.query(text, values))] }) };
}
