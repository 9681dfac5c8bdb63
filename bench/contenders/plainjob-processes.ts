/**
 * plainjob as its documentation scales it: worker processes on one file, here
 * two of them with five workers each. The file's own name is the second
 * argument of such a worker process.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { better, defineQueue, defineWorker, JobStatus } from "plainjob";
import { assertRan, finish, taskCount } from "./measurement.ts";

const tasks = taskCount();
const logger = { error: console.error, warn: silent, info: silent, debug: silent };
const queue = defineQueue({ connection: better(new Database("plainjob.db")), logger });

if (process.argv[3] === "worker") await work();
else await measure();

async function measure(): Promise<void> {
  const payloads = Array.from({ length: tasks }, (_, index) => ({ index }));
  const children = [0, 1].map(() => fork(import.meta.filename, [String(tasks), "worker"]));
  await Promise.all(children.map((child) => once(child, "message")));

  const start = performance.now();
  queue.addMany("no-op", payloads);
  for (const child of children) child.send("start");
  while (queue.countJobs({ status: JobStatus.Done }) < tasks) await sleep(20);
  const ms = performance.now() - start;

  for (const child of children) child.kill("SIGKILL");
  assertRan(queue.countJobs({ status: JobStatus.Done }), tasks);
  finish({ tasks, ms });
}

async function work(): Promise<void> {
  process.send?.("ready");
  await once(process, "message");
  for (let i = 0; i < 5; i++) {
    const worker = defineWorker("no-op", async () => {}, { queue, logger });
    worker.start().catch((error: unknown) => {
      throw error;
    });
  }
}

function silent(): void {}
