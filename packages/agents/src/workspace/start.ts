/** The commit that a task starts from: the base of its run, with what its dependencies left. */
import type { FarmTask } from "mai-orchestration-core";
import { errorOf } from "./git.ts";
import { mergeTrees } from "./merge-trees.ts";
import { branchOf } from "./names.ts";
import { type Author, type GitCall, identityOf, type Repository, recordBase } from "./repository.ts";

/** @internal */
export type Start =
  | { readonly ok: true; readonly commit: string }
  | { readonly ok: false; readonly reason: string; readonly output: string };

/** @internal */
export interface StartOptions {
  readonly runId: string;
  readonly task: FarmTask;
  readonly author: Author;
  readonly call: GitCall;
}

/**
 * Merges the branches of a task's dependencies, in their order, without a work
 * tree. Branches that contradict each other stay as they are, and are named.
 *
 * @internal
 */
export async function startOf(repository: Repository, options: StartOptions): Promise<Start> {
  const { runId, task, call } = options;
  const named: { commit: string; name: string }[] = [];
  for (const id of task.dependsOn ?? []) {
    const name = branchOf(runId, id);
    const found = await repository.run(["rev-parse", "--verify", "-q", `refs/heads/${name}`], call);
    // A dependency that worked in the shared folder has no branch.
    if (found.ok) named.push({ commit: found.out.trim(), name });
  }
  const base = await recordBase(repository, runId, task.base ?? "HEAD");
  let current = { commit: base, name: "the base" };
  for (const next of named) {
    const merged = await mergeOf(repository, current, next, options);
    if (!merged.ok) return merged;
    current = { commit: merged.commit, name: next.name };
  }
  return { ok: true, commit: current.commit };
}

interface Side {
  readonly commit: string;
  readonly name: string;
}

async function mergeOf(
  repository: Repository,
  ours: Side,
  theirs: Side,
  { task, author, call }: StartOptions,
): Promise<Start> {
  const isAncestor = async (one: Side, other: Side): Promise<boolean> =>
    (await repository.run(["merge-base", "--is-ancestor", one.commit, other.commit], call)).ok;
  if (await isAncestor(ours, theirs)) return { ok: true, commit: theirs.commit };
  if (await isAncestor(theirs, ours)) return { ok: true, commit: ours.commit };
  const merged = await mergeTrees(repository, ours.commit, theirs.commit, call);
  if (merged.type === "conflict") {
    const where = merged.files.length === 0 ? "" : ` in ${merged.files.slice(0, 5).join(", ")}`;
    const reason = `what its dependencies left contradicts each other${where}: ${ours.name} and ${theirs.name}`;
    return { ok: false, reason, output: merged.output };
  }
  if (merged.type === "failed") {
    const reason = `what its dependencies left cannot be merged: ${merged.reason}`;
    return { ok: false, reason, output: merged.reason };
  }
  const message = `Merge ${theirs.name} for ${task.taskId}`;
  const parents = ["-p", ours.commit, "-p", theirs.commit];
  const commit = await repository.run(["commit-tree", ...parents, "-m", message, merged.tree], {
    ...call,
    env: identityOf(author),
  });
  if (!commit.ok) return { ok: false, reason: errorOf(commit), output: commit.err };
  return { ok: true, commit: commit.out.trim() };
}
