/** Moving a branch of the user's to what was delivered: only ever forward, and never over work that is not committed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorOf } from "../workspace/git.ts";
import { isAncestor } from "../workspace/merge-trees.ts";
import type { GitCall, Repository } from "../workspace/repository.ts";
import { isThere } from "../workspace/worktree.ts";

/** What became of moving a branch. @public */
export type Moved =
  | { readonly type: "moved" }
  /** Somebody else moved it: what was checked is not what a merge would be now. */
  | { readonly type: "overtaken" }
  | { readonly type: "left"; readonly reason: string };

/** Moves a branch forward to a commit, with the files of the work tree that has it checked out, if any. @internal */
export async function moveTarget(
  repository: Repository,
  target: string,
  commit: string,
  call: GitCall,
): Promise<Moved> {
  const ref = `refs/heads/${target}`;
  const found = await repository.run(["rev-parse", "--verify", "-q", ref], call);
  const head = found.out.trim();
  if (!found.ok) return { type: "left", reason: `the branch ${target} is gone` };
  if (await isAncestor(repository, commit, head, call)) return { type: "moved" };
  if (!(await isAncestor(repository, head, commit, call))) return { type: "overtaken" };
  const places = await placesOf(repository, ref, call);
  if (typeof places === "string") return { type: "left", reason: places };
  const [place, other] = places;
  if (other !== undefined) return { type: "left", reason: `${target} is checked out in several places` };
  if (place === undefined) {
    const set = await repository.run(["update-ref", ref, commit, head], call);
    return set.ok ? { type: "moved" } : { type: "overtaken" };
  }
  const status = await repository.run(["status", "--porcelain", "--untracked-files=no"], call, place);
  if (!status.ok || status.out !== "")
    return {
      type: "left",
      reason: `${target} is checked out in ${place} with changes that are not committed`,
    };
  // Git itself refuses to overwrite files that are in its way. What it has begun with is not to be broken off, so this
  // call has neither our signal nor our mark.
  const merged = await repository.run(["merge", "-q", "--ff-only", "--no-autostash", commit], {}, place);
  if (merged.ok) return { type: "moved" };
  return { type: "left", reason: `git does not move ${target} in ${place}: ${errorOf(merged)}` };
}

/** The work trees that have a branch checked out; why it must not be moved where one is in the middle of something. */
async function placesOf(
  repository: Repository,
  ref: string,
  call: GitCall,
): Promise<readonly string[] | string> {
  const listed = await repository.run(["worktree", "list", "--porcelain", "-z"], call);
  if (!listed.ok) return errorOf(listed);
  const places: string[] = [];
  for (const entry of listed.out.split("\0\0")) {
    const lines = entry.split("\0");
    const place = lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length);
    if (place === undefined) continue;
    if (lines.includes(`branch ${ref}`)) places.push(place);
    else if (lines.includes("detached") && (await isRebasing(repository, place, ref, call)))
      return `${ref.slice("refs/heads/".length)} is being rebased in ${place}`;
  }
  for (const place of places) {
    const state = await repository.run(["rev-parse", "--git-path", "MERGE_HEAD"], call, place);
    if (state.ok && (await isThere(resolve(place, state.out.trimEnd()))))
      return `somebody is in the middle of a merge in ${place}`;
  }
  return places;
}

async function isRebasing(
  repository: Repository,
  place: string,
  ref: string,
  call: GitCall,
): Promise<boolean> {
  for (const name of ["rebase-merge/head-name", "rebase-apply/head-name"]) {
    const found = await repository.run(["rev-parse", "--git-path", name], call, place);
    if (!found.ok) continue;
    const text = await readFile(resolve(place, found.out.trimEnd()), "utf8").catch(() => "");
    if (text.trim() === ref) return true;
  }
  return false;
}
