/** What engines that died left running, as a person who looks for trouble wants to know it. */
import { markVariable, outerMarksVariable } from "./environment.ts";
import { guardMark } from "./guard-script.ts";
import { standingGuards } from "./guards.ts";
import { environmentOf, hasProc, processIds, processRow } from "./process-table.ts";

/** A process that outlived its engine. @public */
export interface Leftover {
  readonly pid: number;
  /** `RUN/TASK/ATTEMPT` */
  readonly mark: string;
  /** The process id that its engine had. */
  readonly enginePid: number;
  /** `waits` for somebody to take over, `ends` what is left; `null`: there is no guard. */
  readonly guard: "waits" | "ends" | null;
}

const workerOf = new RegExp(`^${guardMark("(worker-(\\d+)-\\w+)")}$`);

/** Marked processes whose engine is dead; only engines that had a guard name themselves. Linux only. @public */
export function findLeftovers(): Leftover[] {
  if (!hasProc) return [];
  const guards = standingGuards();
  return processIds().flatMap((pid) => {
    const environment = environmentOf(pid);
    const mark = environment.get(markVariable);
    const [, workerId, engine] =
      environment
        .get(outerMarksVariable)
        ?.split("\n")
        .toReversed()
        .map((one) => workerOf.exec(one))
        .find(Boolean) ?? [];
    if (mark === undefined || workerId === undefined || lives(Number(engine), pid)) return [];
    const guard = guards.find((one) => one.workerId === workerId);
    const state = guard === undefined ? null : guard.ends ? "ends" : "waits";
    return [{ pid, mark, enginePid: Number(engine), guard: state }];
  });
}

/** Whether the engine lives: a process of its number that began before what it started. */
function lives(engine: number, pid: number): boolean {
  const [parent, child] = [processRow(engine), processRow(pid)];
  if (parent === null || parent.zombie) return false;
  return child === null || Number(parent.started) <= Number(child.started);
}
