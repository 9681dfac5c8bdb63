/**
 * A long queue in our SQLite store: submits `argv[2]` tasks from a generator,
 * then claims one by one from it and, in turn, from a file with `argv[3]` tasks.
 */
import { writeSync } from "node:fs";
import type { FarmTask, TaskPriority } from "mai-orchestration-core";
import type { ClaimRequest, Clock, NewRun, Store } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { taskCount } from "./measurement.ts";

export interface QueueMeasurement {
  readonly submitMs: number;
  readonly peakRssMb: number;
  readonly claimFewMicros: readonly number[];
  readonly claimManyMicros: readonly number[];
}

const batchSize = 10_000;
const many = taskCount(process.argv[2]);
const few = taskCount(process.argv[3]);
const claims = taskCount(process.argv[4]);

const priorities: readonly TaskPriority[] = ["high", "normal", "low"];
const run: NewRun = {
  runId: "run-queue",
  name: null,
  root: process.cwd(),
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};
const oneClaim: ClaimRequest = {
  worker: { workerId: "bench", pid: process.pid, started: "0", host: "bench" },
  scopes: [{ runId: run.runId, slots: 1 }],
  offers: [
    {
      agentId: "no-op",
      capabilities: ["implementation"],
      commands: false,
      prose: true,
      maxConcurrent: 10,
      free: 10,
      maxAttemptsFor: () => 1,
    },
  ],
  idle: false,
};
const clock: Clock = {
  now: () => Date.now(),
  timer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

const long = openSqliteStore({ path: "many.db", clock });
const start = performance.now();
await submitAll(long, many);
const submitMs = performance.now() - start;

const short = openSqliteStore({ path: "few.db", clock });
await submitAll(short, few);
const claimFewMicros: number[] = [];
const claimManyMicros: number[] = [];
for (let i = 0; i < claims; i++) {
  claimFewMicros.push(await claimOne(short));
  claimManyMicros.push(await claimOne(long));
}
await Promise.all([long.close(), short.close()]);
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const measurement: QueueMeasurement = { submitMs, peakRssMb, claimFewMicros, claimManyMicros };
writeSync(1, `${JSON.stringify(measurement)}\n`);

async function submitAll(store: Store, count: number): Promise<void> {
  let batch: FarmTask[] = [];
  for (const task of generateTasks(count)) {
    batch.push(task);
    if (batch.length < batchSize) continue;
    await store.submit(run, batch);
    batch = [];
  }
  if (batch.length > 0) await store.submit(run, batch);
}

function* generateTasks(count: number): Generator<FarmTask> {
  for (let index = 0; index < count; index++) {
    yield {
      taskId: `task-${index}`,
      type: "implementation",
      description: `Migrate src/module-${index}.js to TypeScript`,
      context: [`src/module-${index}.js`],
      constraints: ["Keep the public API"],
      successCriteria: "the type checker passes",
      priority: priorities[index % 3] ?? "normal",
    };
  }
}

/** The microseconds that claiming one task takes; settles it afterwards. */
async function claimOne(store: Store): Promise<number> {
  const before = performance.now();
  const { claims: claimed } = await store.claim(oneClaim);
  const micros = (performance.now() - before) * 1000;
  const claim = claimed[0];
  if (claim === undefined || claimed.length !== 1)
    throw new Error(`Claimed ${claimed.length} tasks instead of one`);
  await store.settle(claim, {
    type: "failed",
    reason: "only claimed",
    kind: "permanent",
    answer: null,
    feedback: null,
    retryAt: null,
  });
  return micros;
}
