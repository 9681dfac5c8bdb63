/** What an attempt left becomes a commit: on the task's branch if it counts, under a salvage ref if not. */
import { rename, writeFile } from "node:fs/promises";
import type { FarmTask, Work } from "mai-orchestration-core";
import { doubtsOf } from "mai-orchestration-core/integrity";
import type { ClaimRef } from "mai-orchestration-engine";
import { type Change, changeBetween } from "./change.ts";
import { errorOf } from "./git.ts";
import { branchOf } from "./names.ts";
import type { Author, Repository } from "./repository.ts";
import { commitOf, refuseNested, type Snapshot, salvage, setRef, snapshotOf } from "./snapshot.ts";

/** @internal */
export interface KeepOptions {
  readonly claim: ClaimRef;
  readonly task: FarmTask;
  readonly worktree: string;
  /** The commit that the task started from. */
  readonly start: string;
  readonly author: Author;
}

/** Commits what a success left. Rejects where it cannot; then it is still in the work tree. @internal */
export async function keepSuccess(repository: Repository, options: KeepOptions): Promise<Work> {
  const { claim, task, worktree, start, author } = options;
  const branch = branchOf(claim.runId, claim.taskId);
  const snapshot = await snapshotOf(repository, worktree, branch);
  await refuseNested(repository, start, snapshot.tree);
  const commit = await commitOf(repository, snapshot, { author, message: messageOf(claim, task) });
  if (commit !== snapshot.tip) await setRef(repository, `refs/heads/${branch}`, commit);
  const change = await changeBetween(repository, start, commit);
  const folder = repository.isCopy ? worktree : null;
  if (folder !== null) await writePatch(repository, `${folder}.patch`, start, commit);
  return {
    ...sizeOf(change),
    branch,
    salvage: null,
    commit,
    ...placeOf(snapshot, start),
    folder,
    doubts: doubtsAbout(change, task),
  };
}

/** Salvages what an attempt left that does not count; `null` when it left nothing. @internal */
export async function keepFailure(repository: Repository, options: KeepOptions): Promise<Work | null> {
  const { claim, task, worktree, start, author } = options;
  const snapshot = await snapshotOf(repository, worktree, branchOf(claim.runId, claim.taskId));
  const message = `${messageOf(claim, task)}\n\nIt did not succeed.`;
  const saved = await salvage(repository, worktree, claim, snapshot, { author, message, kept: start });
  if (saved === null) return null;
  const change = await changeBetween(repository, start, saved.commit);
  const { ref, commit } = saved;
  return {
    ...sizeOf(change),
    branch: null,
    salvage: ref,
    commit,
    ...placeOf(snapshot, start),
    folder: null,
    doubts: [],
  };
}

function placeOf({ tree }: Snapshot, base: string): Pick<Work, "tree" | "base"> {
  return { tree, base };
}

function sizeOf({ files, insertions, deletions }: Change): Pick<Work, "files" | "insertions" | "deletions"> {
  return { files: files.length, insertions, deletions };
}

function doubtsAbout({ files, isCut }: Change, task: FarmTask): readonly string[] {
  if (task.allowTestChanges === true) return [];
  const tooLarge = isCut ? ["its change is too large to be looked through"] : [];
  return [...doubtsOf(files, task.verify ?? []), ...tooLarge];
}

/** @internal */
export function messageOf({ runId, taskId, attempt }: ClaimRef, task: FarmTask): string {
  const [first = ""] = task.description.trim().split("\n");
  return `${taskId}: ${first.slice(0, 200)}\n\nMai-Run: ${runId}\nMai-Task: ${taskId}\nMai-Attempt: ${attempt}`;
}

/** Writes the change between two commits, for `git apply` and `patch -p1`. @internal */
export async function writePatch(
  repository: Repository,
  file: string,
  from: string,
  to: string,
): Promise<void> {
  const made = await repository.run([
    "diff",
    "--binary",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    from,
    to,
  ]);
  if (!made.ok) throw new Error(errorOf(made));
  await writeFile(`${file}.new`, made.out);
  await rename(`${file}.new`, file);
}
