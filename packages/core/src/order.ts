/** Who is next among ready tasks: a key that never changes while a task waits. */
import type { TaskPriority } from "./task.ts";

const dayMs = 24 * 60 * 60_000;

/** High 0, normal (and absent) 1, low 2: the original's order, and the days a task waits at most for more urgent ones. @public */
export function getPriorityOrder(priority?: TaskPriority): number {
  if (priority === "high") return 0;
  return priority === "low" ? 2 : 1;
}

/** A new array, most urgent first; equal priorities keep their order. @public */
export function sortByPriority<T extends { readonly priority?: TaskPriority }>(tasks: readonly T[]): T[] {
  return [...tasks].sort((a, b) => getPriorityOrder(a.priority) - getPriorityOrder(b.priority));
}

/**
 * The day a task is served on: the day it became ready plus 0, 1 or 2 for
 * high, normal, low. Priority comes first, and nothing waits for ever.
 *
 * @param readyAt - Unix milliseconds
 * @internal
 */
export function serveDayOf(priority: TaskPriority | undefined, readyAt: number): number {
  return Math.floor(readyAt / dayMs) + getPriorityOrder(priority);
}

/** The constant key of a ready task. @public */
export interface SortKey {
  readonly serveDay: number;
  readonly behindMs: number;
  readonly sequence: number;
}

/** Negative when `a` is served before `b`. @public */
export function compareKeys(a: SortKey, b: SortKey): number {
  return a.serveDay - b.serveDay || b.behindMs - a.behindMs || a.sequence - b.sequence;
}
