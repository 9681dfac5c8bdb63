/**
 * On a Postgres of its own: the time from submitting one task until its result is seen, while a worker in another process is
 * idle; and what an idle `mai worker` asks of the server. `argv[2]` tasks, `argv[3]` seconds of idleness.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock } from "mai-orchestration-engine/store";
import { createFarmTask } from "mai-orchestration-framework";
import { openPostgresStore } from "mai-orchestration-postgres";
import pg from "pg";
import { startServer } from "../../packages/store-postgres/test/support/server.ts";
import { finish, taskCount } from "./measurement.ts";

export interface LatencyMeasurement {
  /** Milliseconds, one for each task. */
  readonly latencies: readonly number[];
  /** Transactions a second of one idle `mai worker`. */
  readonly idle: number;
}

const tasks = taskCount();
const idleSeconds = Number(process.argv[3] ?? "20");
process.env["TMPDIR"] = process.cwd();
// Started by root, the server runs as somebody else.
chmodSync(process.cwd(), 0o711);
const server = await startServer({ fsync: "on", shared_buffers: "512MB" });
const store = openPostgresStore({ url: server.url, clock: systemClock });
const run = {
  runId: "run-latency",
  name: null,
  root: process.cwd(),
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};
// Keeps the run open, and its worker driving.
await store.submit(run, [{ ...createFarmTask("implementation", "hold", "never"), taskId: "hold" }]);
const worker = spawnNode(fileURLToPath(new URL("./postgres-agent.ts", import.meta.url)), run.runId);
await ended("hold", "running");

const latencies: number[] = [];
for (let index = -10; index < tasks; index++) {
  const taskId = `task-${index}`;
  const start = performance.now();
  await store.submit(run, [{ ...createFarmTask("implementation", "No-op", "nothing is done"), taskId }]);
  await ended(taskId, "ended");
  // The first ones warm both sides up.
  if (index >= 0) latencies.push(performance.now() - start);
}
worker.kill("SIGKILL");
await store.cancel(run.runId, "measured");
await store.close();
const idle = await idleRate();
await server.destroy();
finish({ tasks, ms: 0, latencies, idle } as Parameters<typeof finish>[0] & LatencyMeasurement);

/** Resolves once the task's phase is seen here. */
function ended(taskId: string, phase: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      store.tasks({ runId: run.runId, taskIds: [taskId] }).then(([task]) => {
        if (task?.phase !== phase) return;
        stop();
        resolve();
      }, reject);
    };
    const stop = store.onChange(look);
    look();
  });
}

async function idleRate(): Promise<number> {
  const mai = fileURLToPath(new URL("../../packages/framework/bin/mai.js", import.meta.url));
  const idler = spawnNode(mai, "worker", "--agents", "bash=2", "--json");
  await once(idler.stdout, "data");
  // What a start costs is over by then.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const before = await transactions();
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000));
  const after = await transactions();
  idler.kill("SIGKILL");
  return (after - before) / idleSeconds;
}

async function transactions(): Promise<number> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  // Each backend tells its counts at most once a second.
  await client.query("select pg_stat_clear_snapshot()");
  const { rows } = await client.query(
    "select xact_commit::float8 as count from pg_stat_database where datname = 'postgres'",
  );
  await client.end();
  return rows[0].count;
}

function spawnNode(...words: string[]) {
  return spawn(process.execPath, words, {
    env: { ...process.env, BENCH_POSTGRES_URL: server.url, MAI_STORE: server.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
}
