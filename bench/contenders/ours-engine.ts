/**
 * The engine itself: tasks submitted to a store and driven to their ends, ten
 * at a time. The second argument is `memory`, or the durability of a SQLite
 * file.
 */
import { noUsage } from "mai-orchestration-core";
import type { Agent, NewRun, Store } from "mai-orchestration-engine";
import { Engine, fixedRoster, memoryStore, systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { assertRan, finish, taskCount } from "./measurement.ts";
import { noOpTasks } from "./ours-tasks.ts";

const tasks = taskCount();
const kind = process.argv[3];
const batch = noOpTasks(tasks);
let ran = 0;
const agent: Agent = {
  agentId: "no-op",
  backend: "function",
  capabilities: ["implementation"],
  commands: false,
  prose: true,
  maxConcurrent: 10,
  maxAttemptsFor: () => 1,
  run: async () => {
    ran++;
    return { type: "answered", output: "done", usage: noUsage };
  },
};
const run: NewRun = {
  runId: "run-no-op",
  name: null,
  root: process.cwd(),
  parallel: null,
  failFast: false,
  timeoutMs: null,
  sharedChecks: false,
};
const store = openStore();
const engine = new Engine({
  store,
  clock: systemClock,
  roster: fixedRoster([agent]),
  custody: {
    self: { workerId: "bench", pid: process.pid, started: "0", host: "bench" },
    isDead: () => false,
    reap: async () => undefined,
  },
  workplace: {
    prepare: async ({ root }) => ({ root, workspace: root, outputFile: "" }),
    keep: () => Promise.reject(new Error("No output of a no-op is that long")),
  },
  runCheck: () => Promise.reject(new Error("No no-op has a check")),
  checkSlots: 1,
});

const start = performance.now();
await store.submit(run, batch);
await engine.drive({ runId: run.runId, root: run.root, parallel: 10 }).done;
const ms = performance.now() - start;

const { verdicts } = await store.counts(run.runId);
assertRan(ran, tasks);
assertRan(verdicts.unverified ?? 0, tasks);
finish({ tasks, ms });

function openStore(): Store {
  if (kind === "memory") return memoryStore(systemClock);
  const durability = kind === "normal" ? "normal" : "full";
  return openSqliteStore({ path: ".mai/mai.db", durability, clock: systemClock });
}
