/** What this machine can tell about processes that are not our children. */

import { randomUUID } from "node:crypto";
import { invariant } from "mai-orchestration-core";
import type { Custody, WorkerIdentity } from "mai-orchestration-engine";
import { endSurvivors, survivorsByMark } from "./end-processes.ts";
import { processRow } from "./process-table.ts";
import { hostIdentity, isWorkerDead } from "./worker-life.ts";

/** Those of a dead engine get this long to end politely: agents end their own tools on request. */
const politeMs = 2_000;

/**
 * Custody over the processes of this machine.
 *
 * A worker of another machine or of another container is never called dead:
 * its pid means nothing here. One of an earlier boot of this machine is. Where `/proc` is missing
 * (macOS), `reap` finds nothing, for no environment can be read there.
 *
 * @public
 */
export function createCustody(): Custody {
  const self: WorkerIdentity = {
    workerId: `worker-${process.pid}-${randomUUID().slice(0, 8)}`,
    pid: process.pid,
    started: startOf(process.pid),
    host: hostIdentity(),
  };
  return {
    self,
    isDead: (worker) => isWorkerDead(worker, self.host),
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
