/** The last resort of a process that exits at once: what it has running dies before it does. */
import { type Survivors, survivorsOf } from "./end-processes.ts";
import { signalProcess } from "./process-table.ts";

/** The search ends here even where something is left that will not die. */
const longestSearchMs = 1_000;
const pauseMs = 2;

/** The processes that the runner has started and not yet proven dead, with what finds their trees. */
const running = new Map<number, Survivors>();

/** Says that a process runs, until the returned function is called. @internal */
export function noteRunning(pid: number, mark: string): () => void {
  running.set(pid, survivorsOf(pid, mark));
  return () => void running.delete(pid);
}

/**
 * Kills, without asking, everything that this process has running: the group
 * of every program the runner started, and whatever carries their marks.
 * Synchronous, for somebody who exits in the next statement; takes a second at
 * most. Those who wait in `runProcess` hear of it like of any other death.
 *
 * @public
 */
export function killEverythingNow(): void {
  const deadline = performance.now() + longestSearchMs;
  for (const survivors of running.values()) survivors.note();
  for (const pid of running.keys()) signalProcess(-pid, "SIGKILL");
  // One that forks, or replaces its program, while we look may be missed: a single look proves nothing.
  for (let empty = 0; empty < 2; ) {
    let found = 0;
    for (const survivors of running.values()) {
      if (performance.now() > deadline) return;
      for (const pid of survivors.find().pids) {
        found++;
        signalProcess(pid, "SIGKILL");
      }
    }
    empty = found === 0 ? empty + 1 : 0;
    sleep(pauseMs);
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
