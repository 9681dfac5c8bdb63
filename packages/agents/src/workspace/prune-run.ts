/** Removes what git has of a run that is forgotten, and nothing that only the run has. */
import { readdir, rm } from "node:fs/promises";
import { cleanFolder } from "./check-clean.ts";
import type { Git } from "./git.ts";
import { patchFolder, refPart, worktreeFolder } from "./names.ts";
import { findRepository } from "./repository.ts";
import { isThere } from "./worktree.ts";

/**
 * Forgets the base of a run, and those of its branches that are merged into
 * what is checked out in the root. Branches with work of their own, work trees
 * that could not be made safe, and salvaged work stay.
 *
 * @returns the branches that stay
 * @public
 */
export async function pruneRun(git: Git, root: string, runId: string): Promise<readonly string[]> {
  if (!(await isThere(root))) return [];
  const repository = await findRepository(git, root, false);
  if (repository === null) return [];
  for (const folder of [cleanFolder(root, runId), patchFolder(root, runId)])
    await rm(folder, { recursive: true, force: true });
  const refs = async (...words: readonly string[]): Promise<string[]> => {
    const listed = await repository.run(["for-each-ref", "--format=%(refname)", ...words]);
    return listed.ok ? listed.out.split("\n").filter(Boolean) : [];
  };
  const branches = `refs/heads/mai/${refPart(runId)}/`;
  const delivered = `refs/heads/mai-delivery/${refPart(runId)}/`;
  const bases = await refs(`refs/mai/base/${refPart(runId)}/`);
  // A branch that a work tree stands on is still in use.
  const folder = worktreeFolder(root, runId);
  const isInUse = (await readdir(folder).catch(() => [])).length > 0;
  if (!isInUse) await rm(folder, { recursive: true, force: true });
  const merged = repository.isCopy || isInUse ? [] : await refs("--merged=HEAD", branches, delivered);
  for (const ref of [...bases, ...merged]) await repository.run(["update-ref", "-d", ref]);
  return (await refs(branches, delivered)).map((ref) => ref.slice("refs/heads/".length));
}
