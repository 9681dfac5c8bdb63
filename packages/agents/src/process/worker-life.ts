/** Whether another engine lives. Loads little, because programs ask that must answer quickly. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { WorkerIdentity } from "mai-orchestration-engine";
import { hasProc, processRow } from "./process-table.ts";

/**
 * Whether the worker is proven dead. One of another machine or of another
 * container never is: its pid means nothing here. One of an earlier boot of
 * this machine is.
 *
 * @param host - the {@link hostIdentity} of whoever asks
 * @public
 */
export function isWorkerDead(worker: WorkerIdentity, host: string = hostIdentity()): boolean {
  if (worker.host !== host) return isEarlierBoot(worker.host, host);
  const row = processRow(worker.pid);
  return row === null || row.zombie || row.started !== worker.started;
}

/** Equal only where a pid means the same process. @internal */
export function hostIdentity(): string {
  if (!hasProc) {
    const { spawnSync } = process.getBuiltinModule("node:child_process");
    const { stdout } = spawnSync("sysctl", ["-n", "kern.boottime"], { encoding: "utf8" });
    return `${hostname()} ${(stdout ?? "").replace(/\s+/g, " ").trim()}`;
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** Nothing outlives a boot: the same machine under another boot id. @internal */
export function isEarlierBoot(theirs: string, ours: string): boolean {
  const [name, boot] = theirs.split(" ");
  const [ownName, ownBoot] = ours.split(" ");
  return hasProc && name === ownName && boot !== ownBoot;
}
