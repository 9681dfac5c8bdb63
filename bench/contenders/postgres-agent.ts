/** A worker of `postgres-latency.ts`: an engine with one function agent that does nothing, and one that never ends. */
import { noUsage } from "mai-orchestration-core";
import type { Agent } from "mai-orchestration-engine";
import { Engine, fixedRoster, systemClock } from "mai-orchestration-engine";
import { openPostgresStore } from "mai-orchestration-postgres";

const [, , runId = ""] = process.argv;
const agent: Agent = {
  agentId: "no-op",
  backend: "function",
  capabilities: ["implementation"],
  commands: false,
  prose: true,
  maxConcurrent: 10,
  maxAttemptsFor: () => 1,
  run: async ({ task }) => {
    if (task.description === "hold") await new Promise(() => undefined);
    return { type: "answered", output: "done", usage: noUsage };
  },
};
const engine = new Engine({
  store: openPostgresStore({ url: process.env["BENCH_POSTGRES_URL"] ?? "", clock: systemClock }),
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
await engine.drive({ runId, root: process.cwd() }).done;
