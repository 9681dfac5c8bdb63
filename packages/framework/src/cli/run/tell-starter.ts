/** How a process in the background tells its starter that its run is durable. */
import { closeSync, writeSync } from "node:fs";
import type { CommandIo } from "../io.ts";

/** Names the file descriptor on which the run's id is awaited. @internal */
export const runIdVariable = "MAI_RUN_ID_FD";

/** @internal */
export function tellStarter(runId: string, io: CommandIo): void {
  const fd = Number(io.env[runIdVariable]);
  if (!Number.isInteger(fd) || fd < 3) return;
  try {
    writeSync(fd, `${runId}\n`);
    closeSync(fd);
  } catch {
    // The starter is gone, and nobody waits for the id any more; `mai ps` knows it.
  }
}
