/** What a task asks of a panel of agents: who sits in it, how often it speaks, and whether its decision is carried out. */
import type { FarmTask } from "./task.ts";

/** How perspectives are put together to a decision. @public */
export type CouncilStrategy = "consensus" | "weighted" | "facilitator";

/** Every strategy, for checking what people wrote. @public */
export const councilStrategies: readonly CouncilStrategy[] = ["consensus", "weighted", "facilitator"];

/** Somebody on a panel: a role that an agent speaks for. @public */
export interface CouncilSeat {
  /** @defaultValue the role */
  name?: string;
  role: string;
  expertise?: string[];
  personality?: string[];
  /** Whether a block of this seat alone holds the work. @defaultValue false */
  vetoPower?: boolean;
  /** What it blocks for; handed to those who carry the decision out as well. */
  vetoCriteria?: string[];
  /** What the agent is told of its role beside the fields above. */
  brief?: string;
  /** The id of the only agent that may speak for it. @defaultValue the task's `agent`, else any capable one */
  agent?: string;
}

/** What makes a task one for a council. @public */
export interface CouncilSettings {
  /** @defaultValue ProductManager, TechLead and SecurityEngineer */
  roster?: CouncilSeat[];
  /** How often the panel speaks at most; a round sees what the last one said. @defaultValue 3 */
  rounds?: number;
  /** @defaultValue "consensus" */
  strategy?: CouncilStrategy;
  /** The share of opposing perspectives from which on they are a conflict, 0 to 1. @defaultValue 0.3 */
  conflictThreshold?: number;
  /** Whether the action items are done as tasks of the same run, and reviewed by the panel. @defaultValue false */
  execute?: boolean;
  /** How often a task that the panel blocks is done again at most. @defaultValue 1 */
  retries?: number;
}

/** Who sits in a council that names nobody. */
const fallbackRoster: readonly CouncilSeat[] = [
  { role: "ProductManager", expertise: ["product", "users", "scope"] },
  { role: "TechLead", expertise: ["architecture", "implementation", "operations"] },
  { role: "SecurityEngineer", expertise: ["security", "privacy"] },
];

/** The seats of a council task, the fallback's when it names none. @public */
export function seatsOf(task: FarmTask): readonly CouncilSeat[] {
  const { roster = [] } = task.council ?? {};
  return roster.length === 0 ? fallbackRoster : roster;
}

/** The part of a task's id that names a seat, by its name: equal for names that differ in case and punctuation only. @public */
export function seatId(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return id === "" ? "seat" : id.slice(0, 60);
}

/**
 * The kinds of tasks that a council task will ask of agents: who must be there
 * for it can be seen before anything is spent. Of any other task, itself.
 *
 * @public
 */
export function askedOf(task: FarmTask): FarmTask[] {
  const { council, ...rest } = task;
  if (council === undefined) return [task];
  const seats = seatsOf(task).flatMap((seat): FarmTask[] => {
    const speaks = withAgent(rest, seat.agent ?? task.agent);
    return council.execute === true ? [speaks, { ...speaks, type: "review" }] : [speaks];
  });
  const { agent: _, ...free } = rest;
  return council.execute === true ? [...seats, { ...free, type: "implementation" }] : seats;
}

function withAgent(task: FarmTask, agent: string | undefined): FarmTask {
  return agent === undefined ? task : { ...task, agent };
}
