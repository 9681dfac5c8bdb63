/**
 * The ideal that a scheduler is held against: a list schedule that knows every
 * run time beforehand and always starts the ready task with the longest path
 * behind it. Nothing but arithmetic: starting and ending cost no time.
 */
import type { Dag, DagTask } from "./dag.ts";
import { dependantsOf, pathLengths } from "./dag.ts";

interface Running {
  readonly task: DagTask;
  readonly endsAt: number;
}

/** The milliseconds until the last task has ended, on `slots` slots. */
export function idealMakespanMs(dag: Dag, slots: number): number {
  const dependants = dependantsOf(dag);
  const lengths = pathLengths(dag);
  const open = new Map(dag.tasks.map((task) => [task.id, new Set(task.deps).size]));
  const ready = dag.tasks.filter((task) => open.get(task.id) === 0);
  let running: readonly Running[] = [];
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    // Stable, so that equal paths keep the order in which they became ready.
    ready.sort((a, b) => (lengths.get(b.id) ?? 0) - (lengths.get(a.id) ?? 0));
    const started = ready.splice(0, slots - running.length).map((task) => ({ task, endsAt: now + task.ms }));
    running = [...running, ...started];
    now = Math.min(...running.map(({ endsAt }) => endsAt));
    const ended = running.filter(({ endsAt }) => endsAt === now);
    running = running.filter(({ endsAt }) => endsAt !== now);
    for (const { task } of ended) ready.push(...release(dependants.get(task.id) ?? [], open));
  }
  return now;
}

/** Counts one dependency less for each of `dependants`; those without any are ready. */
function release(dependants: readonly DagTask[], open: Map<string, number>): readonly DagTask[] {
  return dependants.filter(({ id }) => {
    const left = (open.get(id) ?? 0) - 1;
    open.set(id, left);
    return left === 0;
  });
}
