/** What this machine can tell about processes that are not our children. */

import { randomUUID } from "node:crypto";
import { invariant } from "mai-orchestration-core";
import type { Custody, WorkerIdentity } from "mai-orchestration-engine";
import { endSurvivors, survivorsByMark } from "./end-processes.ts";
import { Guard } from "./guard.ts";
import { guardRun, standDown } from "./guards.ts";
import { processRow } from "./process-table.ts";
import { hostIdentity, isEarlierBoot, isWorkerDead } from "./worker-life.ts";

/** Those of a dead engine get this long to end politely: agents end their own tools on request. */
const politeMs = 2_000;

/** A lease: whoever watches a dead engine takes over within it. */
const defaultGuardAfterMs = 60_000;

/** What {@link createCustody} can be told. @public */
export interface CustodyOptions {
  /**
   * Milliseconds after this process's death that others have to take over before a guard ends what it left running;
   * `null` for no guard. Linux only.
   *
   * @defaultValue 60_000
   */
  readonly guardAfterMs?: number | null | undefined;
}

/** Custody over the processes of this machine, with a guard for the case that this one dies. @public */
export interface MachineCustody extends Custody {
  /** Has a guard watch over all processes of a run that are started from now on, until the returned function is called. */
  guardRun(runId: string): () => void;
  takeOver(worker: WorkerIdentity, mark: string): Promise<boolean>;
}

/**
 * Custody over the processes of this machine.
 *
 * A worker of another machine or of another container is never called dead:
 * its pid means nothing here. One of an earlier boot of this machine is. Where `/proc` is missing
 * (macOS), `reap` finds nothing, for no environment can be read there.
 *
 * @public
 */
export function createCustody(options: CustodyOptions = {}): MachineCustody {
  const self: WorkerIdentity = {
    workerId: `worker-${process.pid}-${randomUUID().slice(0, 8)}`,
    pid: process.pid,
    started: startOf(process.pid),
    host: hostIdentity(),
  };
  const { guardAfterMs = defaultGuardAfterMs } = options;
  const guard = guardAfterMs === null ? null : new Guard(self.workerId, guardAfterMs);
  return {
    self,
    guardRun: (runId) => (guard === null ? () => {} : guardRun(runId, guard)),
    async takeOver(worker, mark) {
      // First ours, then no longer theirs: should we die in between, both know of it.
      guard?.take(mark);
      return await standDown(worker.workerId);
    },
    isDead: (worker) => isWorkerDead(worker, self.host),
    canTell: (worker) => worker.host === self.host || isEarlierBoot(worker.host, self.host),
    isAlive: (mark) => survivorsByMark(mark).find().pids.length > 0,
    async reap(mark) {
      await endSurvivors(survivorsByMark(mark), politeMs);
    },
  };
}

function startOf(pid: number): string {
  const row = processRow(pid);
  invariant(row !== null, "the system lists the process that asks");
  return row.started;
}
