/**
 * plainjob on better-sqlite3. A worker of plainjob does one job at a time, so
 * ten of them share the queue; jobs are added in one call of `addMany`.
 */
import Database from "better-sqlite3";
import { better, defineQueue, defineWorker, JobStatus } from "plainjob";
import { assertRan, finish, taskCount } from "./measurement.ts";

const tasks = taskCount();
const logger = { error: console.error, warn: silent, info: silent, debug: silent };
const queue = defineQueue({ connection: better(new Database("plainjob.db")), logger });
const payloads = Array.from({ length: tasks }, (_, index) => ({ index }));
const { promise: drained, resolve } = Promise.withResolvers<void>();
let ran = 0;
let completed = 0;

const start = performance.now();
queue.addMany("no-op", payloads);
for (let i = 0; i < 10; i++) {
  const worker = defineWorker("no-op", noOp, { queue, logger, onCompleted });
  worker.start().catch(fail);
}
await drained;
const ms = performance.now() - start;

assertRan(ran, tasks);
assertRan(queue.countJobs({ status: JobStatus.Done }), tasks);
finish({ tasks, ms });

async function noOp(): Promise<void> {
  ran++;
}

/** Called after the job is marked as done. */
function onCompleted(): void {
  if (++completed === tasks) resolve();
}

function silent(): void {}

function fail(error: unknown): never {
  throw error;
}
