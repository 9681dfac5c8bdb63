/** Making a work tree, mending one whose making was cut off, and removing one whose work is safe. */
import { rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { errorOf } from "./git.ts";
import type { GitCall, Repository } from "./repository.ts";

/**
 * Checks out `start` on a new branch, or the branch as it is where there is
 * one. What an earlier try left there is removed: no attempt has worked in it.
 *
 * @returns why it could not be made; `null` when it was
 * @internal
 */
export async function addWorktree(
  repository: Repository,
  worktree: string,
  branch: string,
  start: string,
  call: GitCall,
): Promise<string | null> {
  const add = ["worktree", "add", "-q", "--no-track"];
  let end = await repository.run([...add, "-b", branch, worktree, start], call);
  for (let again = 1; !end.ok && again <= mostTries && call.signal?.aborted !== true; again++) {
    // A part of its files, its branch, or git's own record of it may be there; and git can stumble over the half made
    // record of another work tree that is added at the same moment.
    if (again > 1) await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** again));
    await rm(worktree, { recursive: true, force: true });
    const known = await repository.run(["rev-parse", "--verify", "-q", `refs/heads/${branch}`], call);
    const onto = known.ok ? [worktree, branch] : ["-b", branch, worktree, start];
    end = await repository.run([...(known.ok ? add.slice(0, 3) : add), "-f", "-f", ...onto], call);
  }
  return end.ok ? null : errorOf(end);
}

const mostTries = 6;

/** A work tree that belongs to no branch, for looking at a commit. @internal */
export async function addDetached(
  repository: Repository,
  worktree: string,
  commit: string,
  call: GitCall,
): Promise<string | null> {
  await rm(worktree, { recursive: true, force: true });
  const added = await repository.run(
    ["worktree", "add", "-q", "-f", "-f", "--detach", worktree, commit],
    call,
  );
  return added.ok ? null : errorOf(added);
}

/**
 * Puts git's own state in order in a work tree that an attempt left, and
 * touches no file: back on its branch, nothing half merged, no lock of a
 * process that is dead.
 *
 * @internal
 */
export async function settleWorktree(
  repository: Repository,
  worktree: string,
  branch: string,
  call: GitCall,
): Promise<string | null> {
  const place = await repository.run(["rev-parse", "--git-path", "index.lock"], call, worktree);
  if (!place.ok) return errorOf(place);
  await rm(resolve(worktree, place.out.trimEnd()), { force: true });
  const head = await repository.run(["symbolic-ref", "HEAD", `refs/heads/${branch}`], call, worktree);
  if (!head.ok) return errorOf(head);
  const reset = await repository.run(["reset", "-q"], call, worktree);
  return reset.ok ? null : errorOf(reset);
}

/** Removes a work tree and git's record of it. To be called only once its work is safe. @internal */
export async function removeWorktree(repository: Repository, worktree: string): Promise<void> {
  const removed = await repository.run(["worktree", "remove", "-f", "-f", worktree]);
  if (removed.ok) return;
  await rm(worktree, { recursive: true, force: true });
  await repository.run(["worktree", "prune"]);
}

/** @internal */
export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
