/** The task that brings two sides together which contradict each other: done by whoever does the task it is about. */
import type { Candidate, Tip } from "mai-orchestration-agents";
import type { FarmTask } from "mai-orchestration-core";
import type { Deliveries } from "./deliver.ts";

/** @internal */
export interface Conflict {
  readonly target: string;
  readonly candidate: Candidate;
  readonly onto: Tip;
  /** Both sides, with conflict markers. */
  readonly tree: string;
  readonly files: readonly string[];
  /** Such tasks that are about to be added. */
  readonly others: readonly FarmTask[];
}

/** The target may have moved when one is done, so that it contradicts again; after so many a person is needed. */
const mostTries = 3;

/**
 * `null` where nobody can do it: a command knows nothing of conflicts, and a run that is being stopped gets no more
 * tasks. Then it is left to a person.
 *
 * @internal
 */
export async function resolverOf(conflict: Conflict, deliveries: Deliveries): Promise<FarmTask | null> {
  const { target, candidate, onto, tree, files, others } = conflict;
  const { state, tasks, run, delivery } = deliveries;
  const isStopping = run.failFast && tasks.some(({ end }) => end?.verdict === "failed");
  const { task } = candidate;
  let tries = 1;
  let root = task.taskId;
  for (let next = state.origins.get(root); next !== undefined; next = state.origins.get(next)) {
    root = next;
    tries++;
  }
  if (isStopping || task.command !== undefined || tries > mostTries) return null;
  const taken = new Set([...tasks.map(({ spec }) => spec), ...others].map(({ taskId }) => taskId));
  let taskId = `${root.slice(0, 50)}-merge`;
  for (let again = 2; taken.has(taskId); again++) taskId = `${root.slice(0, 50)}-merge-${again}`;
  const base = await delivery.conflictCommit(onto, candidate, tree);
  const original = tasks.find(({ spec }) => spec.taskId === root)?.spec ?? task;
  const { dependsOn: _, decision: __, ...like } = original;
  return {
    ...like,
    taskId,
    description: `The work of task ${root} and what ${target} has by now contradict each other in ${files.join(", ")}. Both sides stand in these files between conflict markers (<<<<<<<, =======, >>>>>>>), the side of ${target} first. Make one text of them that keeps what both sides want, remove every marker, and change nothing else. What the task was about: ${original.description}`,
    successCriteria: `No conflict marker is left, and what both sides want still holds. ${original.successCriteria}`,
    base,
    verify: [{ command: markerCheck(files) }, ...(original.verify ?? [])],
  };
}

/** Fails while one of the files has a conflict marker; a file that was removed has none. */
function markerCheck(files: readonly string[]): string {
  const words = files.map((file) => `'${file.replaceAll("'", "'\\''")}'`).join(" ");
  return `! grep -nE '^(<<<<<<<|>>>>>>>)( |$)' -- ${words} 2>/dev/null`;
}
