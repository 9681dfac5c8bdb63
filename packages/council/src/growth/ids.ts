/** The ids of the tasks that a council adds to its run. A slash stands in no id of a plan, so that none is taken. */
import { type FarmTask, seatId, seatsOf } from "mai-orchestration-core";
import type { CouncilAgent } from "../result.ts";

/** A seat and what is decided of it. @internal */
export interface Seat {
  /** The part of task ids that names it. */
  readonly id: string;
  readonly person: CouncilAgent;
  /** The only agent that may speak for it; `null` for any. */
  readonly agent: string | null;
}

/** @internal */
export function panelOf(council: FarmTask): readonly Seat[] {
  return seatsOf(council).map((seat) => {
    const { name = seat.role, role, expertise = [], personality = [], vetoPower = false } = seat;
    const { vetoCriteria = [], brief = "" } = seat;
    const person = {
      name,
      role,
      expertise,
      personality,
      triggers: [],
      vetoPower,
      vetoCriteria,
      content: brief,
    };
    return { id: seatId(name), person, agent: seat.agent ?? council.agent ?? null };
  });
}

/** @internal */
export function perspectiveId(councilId: string, round: number, seat: Seat): string {
  return `${councilId}/round-${round}/${seat.id}`;
}

/** @internal */
export function itemId(councilId: string, item: number, tryNumber: number): string {
  return `${councilId}/item-${item}/try-${tryNumber}`;
}

/** @internal */
export function reviewId(itemTaskId: string, seat: Seat): string {
  return `${itemTaskId}/review/${seat.id}`;
}

/** Whether a task belongs to a council. @internal */
export function belongsTo(councilId: string, taskId: string): boolean {
  return taskId.startsWith(`${councilId}/`);
}

/** Whether a task of a council is answered as a perspective is. @internal */
export function isSeatTask(councilId: string, taskId: string): boolean {
  if (!belongsTo(councilId, taskId)) return false;
  const rest = taskId.slice(councilId.length);
  return rest.startsWith("/round-") || rest.includes("/review/");
}

/** The id of what a council of a run decides: the same whoever asks, and whenever. @public */
export function decisionIdOf(runId: string, councilId: string): string {
  return `council-${runId.replace(/^run-/, "")}-${councilId}`;
}
