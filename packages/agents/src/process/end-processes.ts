/** Ending processes, with proof that they are dead. */
import { invariant } from "mai-orchestration-core";
import {
  descendants,
  groupMembers,
  hasProc,
  type Look,
  lookForMark,
  processRow,
  signalProcess,
} from "./process-table.ts";

const pauseMs = 15;
const longestPauseMs = 100;
const fewLooks = 3;
/** For what was seen to divide: a chain of short lives is between two of them at any look. */
const manyLooks = 12;
/** Looks that are not counted because they could not see all. */
const mostUnsure = 500;
const nothing: Look = { pids: [], isSure: true };

/** Finds those that are left of a process tree. @internal */
export interface Survivors {
  /** Called while the root still lives: where no mark can be read, this is the last chance to see the tree. */
  note(): void;
  find(): Look;
  /** The process group that the root was given, and nobody else is in; `null` when it is not known. */
  readonly group: number | null;
}

/**
 * What is left of the tree that began with `root`: all that carries the mark,
 * and all of its process group.
 *
 * @internal
 */
export function survivorsOf(root: number, mark: string): Survivors {
  if (hasProc) {
    return {
      group: root,
      note: () => {},
      find() {
        const { pids, isSure } = lookForMark(mark);
        return { pids: [...new Set([...pids, ...groupMembers(root)])], isSure };
      },
    };
  }
  return survivorsWithoutMarks(root);
}

/**
 * The same where no environment can be read (macOS): the process group, and
 * whoever was a descendant when `note` was called. Best effort: a process that
 * changed its group and lost its parent before that is not found.
 *
 * @internal
 */
export function survivorsWithoutMarks(root: number): Survivors {
  const noted = new Map<number, string>();
  return {
    group: root,
    note() {
      for (const pid of descendants(root)) {
        const row = processRow(pid);
        if (row !== null) noted.set(pid, row.started);
      }
    },
    find() {
      const alive = [...noted].filter(([pid, started]) => {
        const row = processRow(pid);
        return row !== null && row.started === started && !row.zombie;
      });
      return { pids: [...new Set([...alive.map(([pid]) => pid), ...groupMembers(root)])], isSure: true };
    },
  };
}

/** What is left of an attempt that this process did not start. @internal */
export function survivorsByMark(mark: string): Survivors {
  invariant(mark !== "", "processes are searched for by a mark, never by an empty one");
  return { group: null, note: () => {}, find: () => (hasProc ? lookForMark(mark) : nothing) };
}

/**
 * Asks all survivors to end, gives them `politeMs`, then kills, and resolves
 * only when none is left.
 *
 * @returns how many there were at first
 * @internal
 */
export async function endSurvivors(survivors: Survivors, politeMs: number): Promise<number> {
  const seen = new Set<number>();
  let looks = fewLooks;
  /** Whether anybody is left who was not there before. */
  const lookForNew = async (): Promise<boolean> => {
    left = await look(survivors, looks);
    const divides = seen.size > 0 && left.some((pid) => !seen.has(pid));
    if (divides) looks = manyLooks;
    for (const pid of left) seen.add(pid);
    return divides;
  };
  let left: readonly number[] = [];
  await lookForNew();
  const atFirst = left.length;
  if (atFirst === 0) return 0;
  const deadline = Date.now() + politeMs;
  const asked = new Set<number>();
  while (left.length > 0 && Date.now() < deadline) {
    for (const pid of left) {
      if (!asked.has(pid)) askToEnd(pid);
      asked.add(pid);
    }
    await pause(pauseMs);
    await lookForNew();
  }
  for (let wait = 1; left.length > 0; ) {
    // The kernel lets nobody be born into a group while it is killed.
    if (survivors.group !== null) signalProcess(-survivors.group, "SIGKILL");
    // The newest first: one that divides faster than it is killed is always among them.
    for (const pid of left.toReversed()) kill(pid);
    await pause(wait);
    // What a kill does not end at once waits in the kernel; what is new must be met quickly.
    wait = (await lookForNew()) ? 0 : Math.min(longestPauseMs, wait * 2 + 1);
  }
  return atFirst;
}

/** A request to end; one that is halted hears it only when it goes on. @internal */
export function askToEnd(pid: number): void {
  signalProcess(pid, "SIGTERM");
  signalProcess(pid, "SIGCONT");
}

/** With the group that it leads. */
function kill(pid: number): void {
  if (processRow(pid)?.group === pid) signalProcess(-pid, "SIGKILL");
  signalProcess(pid, "SIGKILL");
}

/**
 * A process is invisible for the moment in which it replaces its program, and
 * one that forks while we look may be missed: nobody is believed dead on one look.
 */
async function look(survivors: Survivors, looks: number): Promise<readonly number[]> {
  for (let left = looks, unsure = 0; left > 0; ) {
    const { pids, isSure } = survivors.find();
    if (pids.length > 0) return pids;
    if (isSure || ++unsure > mostUnsure) left--;
    if (left > 0) await pause(1);
  }
  return [];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
