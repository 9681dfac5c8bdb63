/**
 * openworkflow on SQLite: one workflow a task, a worker of concurrency 10. It
 * has no call that adds many at once, so all runs are started side by side.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { OpenWorkflow } from "openworkflow";
import { BackendSqlite } from "openworkflow/sqlite";
import { assertRan, finish, taskCount } from "./measurement.ts";

const tasks = taskCount();
const backend = BackendSqlite.connect("openworkflow.db");
const client = new OpenWorkflow({ backend });
const { promise: allStarted, resolve } = Promise.withResolvers<void>();
let ran = 0;

const workflow = client.defineWorkflow({ name: "no-op" }, async () => {
  if (++ran === tasks) resolve();
  return { done: true };
});

const start = performance.now();
await Promise.all(Array.from({ length: tasks }, (_, index) => workflow.run({ index })));
const worker = client.newWorker({ concurrency: 10 });
await worker.start();
await allStarted;
while ((await backend.countWorkflowRuns()).completed < tasks) await sleep(1);
const ms = performance.now() - start;

assertRan(ran, tasks);
finish({ tasks, ms });
