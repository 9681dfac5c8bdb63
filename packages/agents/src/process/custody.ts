/** What this machine can tell about processes that are not our children. */

import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { invariant } from "mai-orchestration-core";
import type { Custody, WorkerIdentity } from "mai-orchestration-engine";
import { endSurvivors, survivorsByMark } from "./end-processes.ts";
import { Guard } from "./guard.ts";
import { guardRun, standDown } from "./guards.ts";
import { hasProc, processRow } from "./process-table.ts";

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
    isDead(worker) {
      if (worker.host !== self.host) return isEarlierBoot(worker.host, self.host);
      const row = processRow(worker.pid);
      return row === null || row.zombie || row.started !== worker.started;
    },
    canTell: (worker) => worker.host === self.host || isEarlierBoot(worker.host, self.host),
    isAlive: (mark) => survivorsByMark(mark).find().length > 0,
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

/** Nothing outlives a boot: the same machine under another boot id. */
function isEarlierBoot(theirs: string, ours: string): boolean {
  const [name, boot] = theirs.split(" ");
  const [ownName, ownBoot] = ours.split(" ");
  return hasProc && name === ownName && boot !== ownBoot;
}

/** Equal only where a pid means the same process. */
function hostIdentity(): string {
  if (!hasProc) {
    const { stdout } = spawnSync("sysctl", ["-n", "kern.boottime"], { encoding: "utf8" });
    return `${hostname()} ${(stdout ?? "").replace(/\s+/g, " ").trim()}`;
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}
