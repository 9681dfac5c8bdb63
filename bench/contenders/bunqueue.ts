/**
 * bunqueue embedded, on Bun: its defaults, as in its own published comparison,
 * with `concurrency: 10`. The second argument says whether `add` waits for the
 * row (`durable`) or returns while it is still in the write buffer (`buffered`).
 */
import { Queue, Worker } from "bunqueue/client";
import { assertRan, finish, taskCount } from "./measurement.ts";

const tasks = taskCount();
const durable = process.argv[3] === "durable";
const priorities = [0, 1, 2];
const place = { embedded: true, dataPath: "bunqueue.db" } as const;
const queue = new Queue("no-op", place);
const { promise: drained, resolve } = Promise.withResolvers<void>();
let ran = 0;
let completed = 0;

const jobs = Array.from({ length: tasks }, (_, index) => ({
  name: "no-op",
  data: { index },
  opts: { durable, priority: priorities[index % 3] ?? 0 },
}));

const start = performance.now();
for (let from = 0; from < tasks; from += 1000) await queue.addBulk(jobs.slice(from, from + 1000));
const worker = new Worker("no-op", noOp, { ...place, concurrency: 10 });
worker.on("completed", () => {
  if (++completed === tasks) resolve();
});
worker.on("error", fail);
await drained;
const ms = performance.now() - start;

assertRan(ran, tasks);
finish({ tasks, ms });

async function noOp(): Promise<{ done: boolean }> {
  ran++;
  return { done: true };
}

function fail(error: unknown): never {
  throw error;
}
