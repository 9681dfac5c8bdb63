/** What a run stands at when somebody goes on with it: said before anything of it is spent. */
import type { TaskState } from "mai-orchestration-core";
import { type Custody, type HeldAttempt, markOf } from "mai-orchestration-engine";

/** What is reused of a run, and what will run. @public */
export interface Left {
  /** Tasks that have ended and are not run again. */
  readonly reused: number;
  readonly open: number;
  /** Those that had answered: only their checks are run. */
  readonly answered: readonly string[];
  /** Those whose processes live: gone on with where their agent can be, else ended and tried again. */
  readonly alive: readonly string[];
  /** Those whose processes are dead: settled from a complete answer where they left one, else tried again. */
  readonly dead: readonly string[];
}

/**
 * @param counts - tasks that ended, and that did not
 * @param ready - the ready tasks of the run
 * @param held - its running attempts; those of engines that live go on without us
 */
export function leftOf(
  counts: Pick<Left, "reused" | "open">,
  ready: readonly TaskState[],
  held: readonly HeldAttempt[],
  custody: Custody,
): Left {
  const lost = held.filter(({ worker }) => custody.isDead(worker)).map(({ claim }) => claim);
  const running = lost.filter(({ task }) => task.phase === "running");
  const isAlive = new Map(running.map((claim) => [claim, custody.isAlive?.(markOf(claim)) === true]));
  const verifying = lost.filter(({ task }) => task.phase === "verifying").map(({ task }) => task);
  const idOf = ({ taskId }: { readonly taskId: string }): string => taskId;
  return {
    ...counts,
    answered: [...verifying, ...ready.filter((task) => task.unchecked)].map(({ spec }) => spec.taskId),
    alive: running.filter((claim) => isAlive.get(claim) === true).map(idOf),
    dead: running.filter((claim) => isAlive.get(claim) === false).map(idOf),
  };
}
