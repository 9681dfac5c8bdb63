/** Which processes carry an attempt's mark. Linux only: elsewhere another process's environment cannot be read. */
import { readdir, readFile } from "node:fs/promises";

/**
 * Process ids, ascending, of those whose environment holds `MAI_MARK=<mark>`.
 * A process that died and is not yet reaped has no environment and is not listed.
 *
 * @public
 */
export async function markedProcesses(mark: string): Promise<readonly number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (pid) => ((await carries(pid, mark)) ? Number(pid) : null)),
  );
  return found.filter((pid) => pid !== null).sort((a, b) => a - b);
}

async function carries(pid: string, mark: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1");
    return environment.split("\0").includes(`MAI_MARK=${Buffer.from(mark).toString("latin1")}`);
  } catch {
    // Ended meanwhile, or somebody else's.
    return false;
  }
}
