/** Who keeps tasks in Postgres: our store, and a bare pg-boss that keeps the same number of jobs and nothing else. */

import { noUsage } from "mai-orchestration-core";
import type { Claim, ClaimRequest, NewRun, Outcome } from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine/store";
import { openPostgresStore } from "mai-orchestration-postgres";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { noOpTasks } from "./ours-tasks.ts";

export interface Keeper {
  submit(tasks: number): Promise<void>;
  /** Opens what a worker has open. */
  warm(): Promise<void>;
  /** Does all there is, at most `inFlight` at a time, in batches. Resolves how many. */
  drain(inFlight: number): Promise<number>;
  close(): Promise<void>;
}

export async function keeperOf(kind: string, url: string): Promise<Keeper> {
  if (kind === "ours") return ours(url);
  if (kind === "pg-boss") return bare(url);
  throw new Error(`Nobody is called ${kind}`);
}

const run: NewRun = {
  runId: "run-no-op",
  name: null,
  root: "/",
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};
const done: Outcome = {
  type: "succeeded",
  answer: {
    output: "done",
    outputFile: null,
    artifacts: [],
    issues: [],
    sessionId: null,
    usage: noUsage,
    durationMs: 0,
    sharedWorkspace: false,
  },
};

/** As the engine uses it: what ended is settled in the transaction in which the next attempts are claimed. */
function ours(url: string): Keeper {
  const store = openPostgresStore({ url, clock: systemClock });
  const worker = { workerId: `bench-${process.pid}`, pid: process.pid, started: "0", host: "bench" };
  const request = (slots: number): ClaimRequest => ({
    worker,
    scopes: [{ runId: run.runId, slots }],
    offers: [
      {
        agentId: "no-op",
        capabilities: ["implementation"],
        commands: false,
        prose: true,
        maxConcurrent: 1_000,
        free: slots,
        maxAttemptsFor: () => 1,
      },
    ],
    idle: false,
  });
  return {
    async submit(tasks) {
      const all = noOpTasks(tasks);
      for (let at = 0; at < all.length; at += 5_000) await store.submit(run, all.slice(at, at + 5_000));
    },
    async warm() {
      await store.claim(request(0));
    },
    async drain(inFlight) {
      let ran = 0;
      let held: readonly Claim[] = [];
      do {
        const settled = held.map((claim) => store.settle(claim, done));
        const claimed = store.claim(request(inFlight));
        await Promise.all(settled);
        ran += held.length;
        held = (await claimed).claims;
      } while (held.length > 0);
      return ran;
    },
    close: () => store.close(),
  };
}

const queue = "no-op";

/** Its own fetch and complete, both in batches, over its own pool. */
async function bare(url: string): Promise<Keeper> {
  const boss = new PgBoss({ connectionString: url, max: 4, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  await boss.createQueue(queue);
  return {
    async submit(tasks) {
      const all = noOpTasks(tasks).map((task) => ({
        data: task,
        priority: task.priority === "high" ? 1 : 0,
      }));
      for (let at = 0; at < all.length; at += 5_000) await boss.insert(queue, all.slice(at, at + 5_000));
    },
    async warm() {
      await boss.getQueue(queue);
    },
    async drain(inFlight) {
      for (let ran = 0; ; ) {
        const jobs = await boss.fetch(queue, { batchSize: inFlight });
        if (jobs.length === 0) return ran;
        await boss.complete(
          queue,
          jobs.map(({ id }) => id),
        );
        ran += jobs.length;
      }
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** Lays so many finished tasks into our tables, each with the journal of a task that went well. */
export async function fillFinished(url: string, count: number): Promise<void> {
  const keeper = ours(url);
  await keeper.submit(1);
  await keeper.drain(1);
  await keeper.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const others = `lane, phase, serve_day, behind_ms, open, dependants, agent_key, worker_key, not_before, verdict, job,
    version, spec, state, answer`;
  await client.query(
    `insert into mai.tasks (id, run, task_key, ${others})
      select n, t.run, 'old-' || n, ${others} from mai.tasks t, generate_series(2, $1::bigint) n where t.id = 1`,
    [count],
  );
  await client.query("update mai.counters set value = $1 where name = 'task'", [count]);
  await client.query(
    `insert into mai.events select nextval('mai.event_seq'), e.run, n, e.at, e.type, e.data
      from mai.events e, generate_series(2, $1::bigint) n where e.task = 1`,
    [count],
  );
  await client.query("vacuum analyze");
  await client.end();
}
