/** From a seed to a world. */
import type { FarmTask } from "mai-orchestration-core";
import { drawFaults } from "./draw-faults.ts";
import { drawTasks } from "./draw-tasks.ts";
import { type Random, randomOf } from "./random.ts";
import type { SimAction, SimAgent, SimRun, SimWorker, SimWorld } from "./world.ts";

/** The world of a seed: always the same for the same number. @public */
export function drawWorld(seed: number): SimWorld {
  const random = randomOf(`world ${seed}`);
  const healAtMs = random.fork("heal").int(20, 600) * 1_000;
  const agents = drawAgents(random.fork("agents"));
  const runs = drawRuns(random.fork("runs"), agents, healAtMs);
  const workers = drawWorkers(random.fork("workers"), agents, runs);
  const actions = drawActions(random.fork("actions"), runs, workers, agents, healAtMs);
  return { seed, faults: drawFaults(random.fork("faults")), workers, runs, actions, healAtMs };
}

function drawAgents(random: Random): SimAgent[] {
  // The first can do everything, so that no task waits for somebody who never comes.
  const everything: SimAgent = {
    agentId: "general",
    backend: random.pick(["function", "program", "program"]),
    capabilities: ["implementation", "research", "test", "review"],
    commands: true,
    prose: true,
    maxConcurrent: random.int(1, 4),
    maxAttempts: random.int(1, 3),
  };
  const others = [..."ab"].map(
    (name): SimAgent => ({
      agentId: name,
      backend: random.pick(["function", "program"]),
      capabilities: random.some(["implementation", "research", "test", "review"], 0.6),
      commands: random.chance(0.4),
      prose: random.chance(0.8),
      maxConcurrent: random.int(1, 3),
      maxAttempts: random.int(1, 3),
    }),
  );
  return [everything, ...random.some(others, 0.6)];
}

function drawRuns(random: Random, agents: readonly SimAgent[], healAtMs: number): SimRun[] {
  const count = random.pick([1, 1, 1, 2]);
  return Array.from({ length: count }, (_, index): SimRun => {
    const prefix = "tu"[index] ?? "t";
    return {
      runId: `run-${index + 1}`,
      tasks: drawTasks(random.fork(prefix), { prefix, count: random.int(1, 10), agents, known: [] }),
      parallel: random.chance(0.3) ? random.int(1, 3) : null,
      failFast: random.chance(0.2),
      timeoutMs: random.chance(0.15) ? random.int(1_000, healAtMs) : null,
      maxCostUsd: drawCeiling(random.fork(`ceiling ${prefix}`)),
    };
  });
}

function drawCeiling(random: Random): number | null {
  return random.chance(0.3) ? random.int(1, 40) / 10 : null;
}

function drawWorkers(random: Random, agents: readonly SimAgent[], runs: readonly SimRun[]): SimWorker[] {
  const ids = runs.flatMap((run) => run.tasks.map((task) => task.taskId));
  const count = random.pick([1, 1, 2, 2, 3]);
  return Array.from({ length: count }, (_, index): SimWorker => {
    const capped = agents.map((agent) => ({
      ...agent,
      maxConcurrent: random.chance(0.3) ? random.int(1, 4) : agent.maxConcurrent,
    }));
    return {
      name: `w${index + 1}`,
      // Every worker has the first; the others may be missing here or there, but not everywhere.
      agents: index === 0 ? capped : capped.filter((_agent, at) => at === 0 || random.chance(0.8)),
      startAtMs: index === 0 ? 0 : random.int(0, 30_000),
      restartMs: random.int(10, 60_000),
      checkSlots: random.int(1, 3),
      first: random.chance(0.15) ? random.some(ids, 0.4) : null,
      parallel: random.chance(0.15) ? random.int(1, 3) : null,
    };
  });
}

function drawActions(
  random: Random,
  runs: readonly SimRun[],
  workers: readonly SimWorker[],
  agents: readonly SimAgent[],
  healAtMs: number,
): SimAction[] {
  const names = workers.map((worker) => worker.name) as [string, ...string[]];
  const count = random.pick([0, 0, 1, 2, 4]);
  const actions = Array.from({ length: count }, (_, index): SimAction => {
    const atMs = random.chance(0.5) ? random.int(0, 20_000) : random.int(0, healAtMs);
    const run = random.pick(runs as [SimRun, ...SimRun[]]);
    const known = run.tasks.map((task) => task.taskId);
    switch (
      random.pick(["kill", "kill", "interrupt", "cancel", "cancel", "retry", "retry", "submit", "jump"])
    ) {
      case "kill":
        return { atMs, type: "kill", worker: random.pick(names) };
      case "interrupt":
        return { atMs, type: "interrupt", worker: random.pick(names) };
      case "cancel": {
        const taskIds = random.chance(0.3) ? null : random.some(known, 0.3);
        return {
          atMs,
          type: "cancel",
          runId: run.runId,
          taskIds,
          worker: random.chance(0.5) ? random.pick(names) : null,
        };
      }
      case "retry": {
        const taskIds = random.chance(0.5) ? null : random.some(known, 0.3);
        return { atMs, type: "retry", runId: run.runId, taskIds };
      }
      case "submit": {
        const prefix = `${known[0]}late${index}`;
        const tasks: FarmTask[] = drawTasks(random, { prefix, count: random.int(1, 3), agents, known });
        return { atMs, type: "submit", runId: run.runId, tasks };
      }
      default:
        return { atMs, type: "jump", ms: random.int(-3_600, 3_600) * 1_000 };
    }
  });
  return actions.sort((a, b) => a.atMs - b.atMs);
}
