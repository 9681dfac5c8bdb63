/** One at a time, over all processes of a machine. */
import { randomUUID } from "node:crypto";
import { link, readFile, unlink, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process runs its own under the same file. A lock
 * whose owner is dead is taken over. Two waiters that find it dead at the same
 * moment may both get in, so `work` must be safe, though wasteful, to do twice.
 *
 * @internal
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await take(file);
  try {
    return await work();
  } finally {
    await unlink(file).catch(() => {});
  }
}

async function take(file: string): Promise<void> {
  // Linked into place complete, so that nobody reads a lock without its owner.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    while (!(await tryLink(own, file))) {
      if (await isAbandoned(file)) await unlink(file).catch(() => {});
      else await sleep(100);
    }
  } finally {
    await unlink(own);
  }
}

async function tryLink(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const owner = Number(await readFile(file, "utf8").catch(() => ""));
  // Gone meanwhile: not abandoned, the next try to link will tell.
  if (!Number.isInteger(owner) || owner <= 0) return false;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
