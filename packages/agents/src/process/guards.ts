/** Which guard a process belongs to, and how the guard of a dead engine is told to stand down. */
import type { Guard } from "./guard.ts";
import { endingName, watchingName } from "./guard-script.ts";
import { commandLine, hasProc, processIds, processRow, signalProcess } from "./process-table.ts";

const pauseMs = 5;

/** By run: marks begin with their run. */
const guards = new Map<string, Guard>();

/** Has a guard watch over all processes of a run that are started from now on, until the returned function is called. @internal */
export function guardRun(runId: string, guard: Guard): () => void {
  guards.set(runId, guard);
  return () => {
    if (guards.get(runId) === guard) guards.delete(runId);
  };
}

/** The guard that watches over the processes of a mark. @internal */
export function guardOf(mark: string): Guard | undefined {
  return guards.get(mark.slice(0, Math.max(0, mark.indexOf("/"))));
}

/** A guard as it is found among all processes. @internal */
export interface StandingGuard {
  readonly pid: number;
  readonly workerId: string;
  /** Whether it has begun to end what its engine left. */
  readonly ends: boolean;
}

/** Every guard on this machine, or that of one worker. @internal */
export function standingGuards(workerId?: string): StandingGuard[] {
  if (!hasProc) return [];
  return processIds().flatMap((pid) => {
    const guard = guardAt(pid);
    return guard !== null && (workerId === undefined || guard.workerId === workerId) ? [guard] : [];
  });
}

/**
 * Tells the guard of a dead worker to stand down. `false` when it has begun to
 * end what the worker left: then nothing of that may be taken over.
 *
 * @internal
 */
export async function standDown(workerId: string): Promise<boolean> {
  let isFree = true;
  for (const { pid } of standingGuards(workerId)) {
    // Stopped, it cannot begin while we look and decide.
    if (!signalProcess(pid, "SIGSTOP")) continue;
    while (processRow(pid)?.stopped === false) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const now = guardAt(pid);
    // Its group has it and the pause that it waits in, and nobody else.
    if (now?.workerId === workerId && !now.ends) signalProcess(-pid, "SIGKILL");
    else {
      signalProcess(pid, "SIGCONT");
      isFree &&= now === null;
    }
  }
  return isFree;
}

function guardAt(pid: number): StandingGuard | null {
  const [, option, , name, workerId] = commandLine(pid);
  if (option !== "-c" || workerId === undefined) return null;
  if (name !== watchingName && name !== endingName) return null;
  // Its shell divides for every program it starts, and is two with one command line for a moment.
  if (processRow(pid)?.group !== pid) return null;
  return { pid, workerId, ends: name === endingName };
}
