/** p-queue in memory, concurrency 10, each task with one of three priorities. */
import PQueue from "p-queue";
import { assertRan, finish, taskCount } from "./measurement.ts";

const tasks = taskCount();
const priorities = [0, 1, 2];
const queue = new PQueue({ concurrency: 10 });
let ran = 0;

const start = performance.now();
const results: Promise<number>[] = [];
for (let index = 0; index < tasks; index++) {
  results.push(queue.add(async () => ++ran, { priority: priorities[index % 3] ?? 0 }));
}
await Promise.all(results);
const ms = performance.now() - start;

assertRan(ran, tasks);
finish({ tasks, ms });
