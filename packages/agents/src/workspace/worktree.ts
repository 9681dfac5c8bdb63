/** Making a work tree, mending one whose making was cut off, and removing one whose work is safe. */
import { rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { errorOf, type GitEnd } from "./git.ts";
import type { GitCall, Repository } from "./repository.ts";

/** Checks out `start` on a new branch, or the branch as it is where there is one. @internal */
export async function addWorktree(
  repository: Repository,
  worktree: string,
  branch: string,
  start: string,
  call: GitCall,
): Promise<string | null> {
  const first = await repository.run(
    ["worktree", "add", "-q", "--no-track", "-b", branch, worktree, start],
    call,
  );
  if (first.ok) return null;
  // An attempt before this one was cut off: its branch, a part of its files, or git's own record of it may be there.
  await rm(worktree, { recursive: true, force: true });
  const hasBranch = await repository.run(["rev-parse", "--verify", "-q", `refs/heads/${branch}`], call);
  const again = hasBranch.ok
    ? await repository.run(["worktree", "add", "-q", "-f", "-f", worktree, branch], call)
    : await repository.run(
        ["worktree", "add", "-q", "-f", "-f", "--no-track", "-b", branch, worktree, start],
        call,
      );
  return again.ok ? null : errorOf(first.err === again.err ? again : worse(first, again));
}

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

/** Of two failures the one that says more. */
function worse(first: GitEnd, again: GitEnd): GitEnd {
  return again.err.trim() === "" ? first : again;
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
