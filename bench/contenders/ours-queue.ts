/**
 * A long queue in our SQLite store: submits `argv[2]` tasks from a generator,
 * then claims one by one from it and, in turn, from a file with `argv[3]` tasks.
 */
import { writeSync } from "node:fs";
import type { FarmTask, TaskPriority } from "mai-orchestration-core";
import type { ClaimRequest, NewRun, Store } from "mai-orchestration-engine";
import { systemClock } from "mai-orchestration-engine";
import type { Durability } from "mai-orchestration-sqlite";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { taskCount } from "./measurement.ts";

export interface QueueMeasurement {
  readonly submitMs: number;
  readonly peakRssMb: number;
  readonly full: ClaimTimes;
  readonly normal: ClaimTimes;
}

/** Microseconds of each claim; equal places were measured one after the other. */
export interface ClaimTimes {
  readonly few: readonly number[];
  readonly many: readonly number[];
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
const submitMs = await fill("many.db", many);
await fill("few.db", few);
const full = await claimInTurn("full");
const normal = await claimInTurn("normal");
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const measurement: QueueMeasurement = { submitMs, peakRssMb, full, normal };
writeSync(1, `${JSON.stringify(measurement)}\n`);

/** The milliseconds that submitting `count` tasks takes. */
async function fill(path: string, count: number): Promise<number> {
  const store = openSqliteStore({ path, clock: systemClock });
  const start = performance.now();
  await submitAll(store, count);
  const ms = performance.now() - start;
  await store.close();
  return ms;
}

async function claimInTurn(durability: Durability): Promise<ClaimTimes> {
  const stores = ["few.db", "many.db"].map((path) =>
    openSqliteStore({ path, durability, clock: systemClock }),
  );
  const [few = [], many = []] = await timeClaims(stores);
  await Promise.all(stores.map((store) => store.close()));
  return { few, many };
}

async function timeClaims(stores: readonly Store[]): Promise<readonly number[][]> {
  const micros = stores.map((): number[] => []);
  for (let i = 0; i < claims; i++) {
    for (const [index, store] of stores.entries()) micros[index]?.push(await claimOne(store));
  }
  return micros;
}

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
