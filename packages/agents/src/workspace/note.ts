/** What is known of a work tree beside it, so that whoever finds it after a death knows what it holds. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** @internal */
export interface WorktreeNote {
  /** The commit it started from. */
  readonly start: string;
  /** The attempt that works or worked in it last. */
  readonly attempt: number;
  /** Whether files of an attempt may be in it: before, nothing of it is worth anything. */
  readonly made: boolean;
  /** Whether its setup is done. */
  readonly ready: boolean;
}

/** @internal */
export async function readNote(worktree: string): Promise<WorktreeNote | null> {
  try {
    return JSON.parse(await readFile(fileOf(worktree), "utf8")) as WorktreeNote;
  } catch {
    // Written whole or not at all: what cannot be read was never there.
    return null;
  }
}

/** @internal */
export async function writeNote(worktree: string, note: WorktreeNote): Promise<void> {
  const file = fileOf(worktree);
  await mkdir(dirname(file), { recursive: true });
  // Not flushed: after a loss of power a note that is not there only means that nobody dares to remove the files.
  await writeFile(`${file}.new`, JSON.stringify(note));
  await rename(`${file}.new`, file);
}

/** @internal */
export async function removeNote(worktree: string): Promise<void> {
  await rm(fileOf(worktree), { force: true });
}

/** No id of a task is encoded to a name that begins so. */
function fileOf(worktree: string): string {
  const at = worktree.lastIndexOf("/") + 1;
  return `${worktree.slice(0, at)}.${worktree.slice(at)}.json`;
}
