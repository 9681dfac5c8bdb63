/** Tasks of a simulated run. */
import type { Check, FarmTask, TaskType } from "mai-orchestration-core";
import type { Random } from "./random.ts";
import type { SimAgent } from "./world.ts";

export interface TaskWishes {
  readonly prefix: string;
  readonly count: number;
  readonly agents: readonly SimAgent[];
  /** Tasks of the run that they may depend on besides each other. */
  readonly known: readonly string[];
}

export function drawTasks(random: Random, wishes: TaskWishes): FarmTask[] {
  const { prefix, count, agents, known } = wishes;
  const ids = [...known];
  const density = random.pick([0, 0.2, 0.4]);
  const asks = random.fork("approvals").chance(0.3);
  const tasks = Array.from({ length: count }, (_, index): FarmTask => {
    const dependsOn = random.some(ids.slice(-5), density);
    const taskId = `${prefix}${index + 1}`;
    ids.push(taskId);
    const approval = asks ? drawApproval(random.fork(`approval of ${taskId}`)) : {};
    return {
      ...drawTask(random, taskId, agents),
      ...approval,
      ...(dependsOn.length > 0 ? { dependsOn } : {}),
    };
  });
  // A task may stand before those it depends on.
  return random.chance(0.3) ? tasks.reverse() : tasks;
}

const types: readonly [TaskType, ...TaskType[]] = ["implementation", "research", "test", "review"];

function drawTask(random: Random, taskId: string, agents: readonly SimAgent[]): FarmTask {
  const type = random.pick(types);
  const task: FarmTask = {
    taskId,
    type,
    description: `Do ${taskId}`,
    context: [],
    constraints: [],
    successCriteria: "It is done",
  };
  const isCommand = random.chance(0.3);
  if (isCommand) task.command = `do ${taskId}`;
  if (random.chance(0.5)) task.verify = drawChecks(random);
  if (random.chance(0.3)) task.priority = random.pick(["high", "normal", "low"]);
  if (random.chance(0.3)) task.timeout = random.int(200, 60_000);
  if (random.chance(0.15)) task.idleTimeout = random.int(200, 20_000);
  if (random.chance(0.15)) task.locks = random.some(["port", "disk"], 0.7);
  if (random.chance(0.3)) task.retry = drawRetry(random);
  if (random.chance(0.2)) task.estimate = random.int(1, 100_000);
  const able = agents.filter((agent) =>
    isCommand ? agent.commands : agent.prose && agent.capabilities.includes(type),
  );
  if (random.chance(0.15) && able.length > 0) task.agent = random.pick(able as [SimAgent]).agentId;
  return task;
}

function drawApproval(random: Random): Pick<FarmTask, "approval"> {
  return random.chance(0.4) ? { approval: random.pick(["before", "after"]) } : {};
}

function drawChecks(random: Random): Check[] {
  return Array.from({ length: random.int(1, 3) }, (_, index) => ({ command: `check ${index + 1}` }));
}

function drawRetry(random: Random): NonNullable<FarmTask["retry"]> {
  return {
    ...(random.chance(0.7) ? { maxAttempts: random.int(1, 4) } : {}),
    ...(random.chance(0.6) ? { maxLost: random.int(0, 3) } : {}),
    ...(random.chance(0.6) ? { backoff: random.int(0, 20_000) } : {}),
  };
}
