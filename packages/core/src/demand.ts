/** What a task demands of an agent, and which agents can meet it. */
import { defaultMaxLost } from "./retry.ts";
import type { FarmTask, TaskType } from "./task.ts";

/**
 * What the scheduler must know of a ready task. Tasks with equal demands are
 * interchangeable to it, so stores keep one queue (a lane) for each demand.
 *
 * @public
 */
export interface Demand {
  /**
   * `command`: a task with a shell command; `prose`: one that an agent must understand; `council`: one that a panel
   * decides, which goes to the one agent that {@link councilAgentId} names.
   */
  readonly kind: "command" | "prose" | "council";
  readonly type: TaskType;
  /** The only agent that may do it; `null` when any capable one may. */
  readonly agent: string | null;
  /** Sorted. */
  readonly locks: readonly string[];
  /** Its engine died under it too often: nothing else may run beside it. */
  readonly alone: boolean;
  /** Tags that the worker's machine must have. Sorted. */
  readonly requires: readonly string[];
}

/** What an agent can do, as far as choosing among agents needs it. @public */
export interface Capacity {
  readonly agentId: string;
  readonly capabilities: readonly TaskType[];
  /** Whether it runs shell commands. */
  readonly commands: boolean;
  /** Whether it does tasks without a command. */
  readonly prose: boolean;
  readonly maxConcurrent: number;
  /** Agents that cannot work for now, and whose tasks without a command this one does instead, pinned ones too. */
  readonly standsInFor?: readonly StoodInFor[];
  /** What the machine has that it works on. @defaultValue nothing */
  readonly tags?: readonly string[];
}

/** An agent that another one stands in for. @public */
export type StoodInFor = Pick<Capacity, "agentId" | "capabilities">;

/**
 * The demand of a task.
 *
 * @param losses - attempts that died with their engine so far
 * @public
 */
export function demandOf(spec: FarmTask, losses: number): Demand {
  const { council } = spec;
  return {
    kind: council !== undefined ? "council" : spec.command === undefined ? "prose" : "command",
    type: spec.type,
    agent: council !== undefined ? councilAgentId(spec.taskId) : (spec.agent ?? null),
    locks: spec.locks === undefined ? [] : [...new Set(spec.locks)].sort(),
    alone: losses >= (spec.retry?.maxLost ?? defaultMaxLost) && losses > 0,
    requires: spec.requires === undefined ? [] : [...new Set(spec.requires)].sort(),
  };
}

/** The agent that ends a council task, and no other task, once its panel has decided. @public */
export function councilAgentId(taskId: string): string {
  return `council/${taskId}`;
}

/** A demand as a short text, equal for equal demands: the name of its lane. @public */
export function laneOf(demand: Demand): string {
  // A command goes to any agent that runs commands, whatever its type.
  const type = demand.kind === "command" ? "" : demand.type;
  // As JSON, which has a spelling for every text, broken surrogates included.
  const { kind, agent, alone, locks, requires } = demand;
  // Without requirements it is the name that lanes had before there were any.
  return JSON.stringify([kind, type, agent, alone, locks, ...(requires.length > 0 ? [requires] : [])]);
}

/** The demand that {@link laneOf} named, its type for commands aside. @public */
export function demandOfLane(lane: string): Demand {
  const [kind, type, agent, alone, locks, requires = []] = JSON.parse(lane) as [
    Demand["kind"],
    TaskType | "",
    string | null,
    boolean,
    string[],
    string[]?,
  ];
  return { kind, type: type === "" ? "implementation" : type, agent, locks, alone, requires };
}

/** Whether an agent may do a task of this demand. @public */
export function serves(agent: Capacity, demand: Demand): boolean {
  if (!demand.requires.every((tag) => agent.tags?.includes(tag))) return false;
  const isOwn = demand.agent === null || demand.agent === agent.agentId;
  if (demand.kind === "council") return isOwn && demand.agent !== null;
  if (demand.kind === "command") return isOwn && agent.commands;
  if (!agent.prose) return false;
  if (isOwn && agent.capabilities.includes(demand.type)) return true;
  return (
    agent.standsInFor?.some(
      ({ agentId, capabilities }) =>
        (demand.agent === null || demand.agent === agentId) && capabilities.includes(demand.type),
    ) === true
  );
}

/**
 * The agent for one task: of those that serve it and have a free slot the one
 * with the largest free share, the first registered among equals.
 *
 * @param free - free slots of an agent right now
 * @returns `undefined` when all that could are full: the task waits
 * @public
 */
export function chooseAgent<C extends Capacity>(
  agents: readonly C[],
  demand: Demand,
  free: (agent: C) => number,
): C | undefined {
  let best: C | undefined;
  let bestShare = 0;
  for (const agent of agents) {
    const slots = free(agent);
    if (slots <= 0 || !serves(agent, demand)) continue;
    const share = slots / agent.maxConcurrent;
    if (share > bestShare) {
      best = agent;
      bestShare = share;
    }
  }
  return best;
}
