/** From ended tasks of seats to what the panel said. */
import { type FarmTask, hasSucceeded, type TaskState } from "mai-orchestration-core";
import { readPanelAnswer } from "../answers/read-answer.ts";
import type { AgentPerspective, CouncilRound } from "../result.ts";
import { detectConflicts } from "../synthesis/conflicts.ts";
import { consensusLevelOf, type SynthesisOptions } from "../synthesis/level.ts";
import { panelOf, perspectiveId, type Seat } from "./ids.ts";

/** Tasks of a run by their ids. @internal */
export type States = ReadonlyMap<string, TaskState>;

/** How far a council has deliberated. @internal */
export interface Deliberation {
  readonly rounds: readonly CouncilRound[];
  /** Seats of the last round that gave no perspective. */
  readonly absent: readonly Seat[];
  /** `ask`: the next round is to be asked; `wait`: one is under way; `done`: nothing more is asked. */
  readonly next: "ask" | "wait" | "done";
}

const mostRounds = 3;

/** @internal */
export function deliberationOf(council: FarmTask, states: States): Deliberation {
  const seats = panelOf(council);
  const limit = council.council?.rounds ?? mostRounds;
  const rounds: CouncilRound[] = [];
  let absent: readonly Seat[] = [];
  for (let number = 1; number <= limit; number++) {
    const tasks = seats.map((seat) => states.get(perspectiveId(council.taskId, number, seat)));
    if (tasks.every((task) => task === undefined)) return { rounds, absent, next: "ask" };
    if (tasks.some((task) => task === undefined || task.end === null))
      return { rounds, absent, next: "wait" };
    const perspectives = perspectivesOf(seats, tasks, number);
    const round = roundOf(perspectives, number, synthesisOptionsOf(council));
    rounds.push(round);
    absent = seats.filter((seat) => !perspectives.some(({ agent }) => agent.name === seat.person.name));
    // Whom nobody could hear in one round nobody will hear in the next: that costs, and decides nothing.
    if (round.consensusReached || perspectives.length === 0) break;
  }
  return { rounds, absent, next: "done" };
}

/** @internal */
export function synthesisOptionsOf({ council }: FarmTask): SynthesisOptions {
  const { strategy, conflictThreshold } = council ?? {};
  return {
    ...(strategy === undefined ? {} : { strategy }),
    ...(conflictThreshold === undefined ? {} : { conflictThreshold }),
  };
}

/** What seats said in tasks that ended; those that failed, or cannot be read, are left out. @internal */
export function perspectivesOf(
  seats: readonly Seat[],
  tasks: readonly (TaskState | undefined)[],
  round: number,
): AgentPerspective[] {
  return seats.flatMap(({ person }, index) => {
    const task = tasks[index];
    if (task === undefined || task.end === null || !hasSucceeded(task)) return [];
    const reading = readPanelAnswer(task.answer?.output ?? "");
    if (!reading.ok) return [];
    return [{ agent: person, round, ...reading.answer, timestamp: new Date(task.end.at).toISOString() }];
  });
}

function roundOf(
  perspectives: readonly AgentPerspective[],
  number: number,
  options: SynthesisOptions,
): CouncilRound {
  const level = consensusLevelOf(perspectives, options);
  return {
    number,
    perspectives,
    conflicts: detectConflicts(perspectives, options.conflictThreshold),
    consensusReached: level === "unanimous" || level === "strong",
  };
}
