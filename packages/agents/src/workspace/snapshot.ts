/** What stands in a work tree, as a commit: without touching its files, its index or what is checked out there. */
import type { ClaimRef } from "mai-orchestration-engine";
import { gitTree } from "../git-tree.ts";
import { errorOf } from "./git.ts";
import { salvagePrefix, salvageRef } from "./names.ts";
import { type Author, identityOf, type Repository, unstoppable } from "./repository.ts";

/** @internal */
export interface Snapshot {
  /** Everything in the work tree that git does not ignore. */
  readonly tree: string;
  readonly head: string;
  readonly headTree: string;
  /** Where the task's branch stands; `null` when somebody removed it. */
  readonly tip: string | null;
}

/** Throws where it cannot be read: then nothing of it may be removed. @internal */
export async function snapshotOf(
  repository: Repository,
  worktree: string,
  branch: string,
): Promise<Snapshot> {
  const tree = await gitTree(worktree, unstoppable);
  if (tree === null) throw new Error(`git cannot read the files in ${worktree}`);
  const asked = ["HEAD", "HEAD^{tree}", `refs/heads/${branch}`];
  const stdin = `${asked.join("\n")}\n`;
  const answer = await repository.run(["cat-file", "--batch-check"], { stdin }, worktree);
  const [head, headTree, tip] = answer.out.split("\n").map((line) => /^([0-9a-f]{40,64}) /.exec(line)?.[1]);
  if (head === undefined || headTree === undefined)
    throw new Error(`git cannot read what ${worktree} stands on: ${errorOf(answer)}`);
  return { tree, head, headTree, tip: tip ?? null };
}

/** @internal */
export interface CommitOptions {
  readonly author: Author;
  readonly message: string;
}

/** A commit that holds a snapshot, with all that its work tree stood on among its ancestors. @internal */
export async function commitOf(
  repository: Repository,
  snapshot: Snapshot,
  { author, message }: CommitOptions,
  extraParents: readonly string[] = [],
): Promise<string> {
  const { tree, head, headTree, tip } = snapshot;
  const parents = [head, ...extraParents];
  if (tip !== null && tip !== head && !(await isAncestor(repository, tip, head))) parents.push(tip);
  if (tree === headTree && parents.length === 1) return head;
  const words = parents.flatMap((parent) => ["-p", parent]);
  const env = identityOf(author);
  const made = await repository.run(["commit-tree", ...words, "-m", message, tree], { env });
  if (!made.ok) throw new Error(errorOf(made));
  return made.out.trim();
}

/** Moves a ref to a commit. @internal */
export async function setRef(repository: Repository, ref: string, commit: string): Promise<void> {
  const set = await repository.run(["update-ref", ref, commit]);
  if (!set.ok) throw new Error(errorOf(set));
}

/**
 * Keeps a snapshot under a salvage ref, unless one of the task's has it
 * already, or there is nothing that is not on `kept`.
 *
 * @param kept - commits that stay; `null` for none
 * @returns the ref that has it; `null` when nothing needed to be salvaged
 * @internal
 */
export async function salvage(
  repository: Repository,
  worktree: string,
  claim: ClaimRef,
  snapshot: Snapshot,
  options: CommitOptions & { readonly kept: string },
): Promise<{ readonly ref: string; readonly commit: string } | null> {
  const index = await stagedTree(repository, worktree, snapshot);
  const { tree, head, headTree, tip } = snapshot;
  const isAllKept = tree === headTree && head === options.kept && (tip === null || tip === head);
  if (index === null && isAllKept) return null;
  const keptTree = await treeOf(repository, options.kept);
  const isKept = async (commit: string): Promise<boolean> => {
    if (!(await isAncestor(repository, snapshot.head, commit))) return false;
    return snapshot.tip === null || (await isAncestor(repository, snapshot.tip, commit));
  };
  if (index === null && snapshot.tree === keptTree && (await isKept(options.kept))) return null;
  const earlier = await salvaged(repository, claim);
  for (const one of earlier) {
    if (index === null && one.tree === snapshot.tree && (await isKept(one.commit))) return one;
  }
  const staged = index === null ? [] : [await commitTree(repository, index, snapshot.head, options)];
  const commit = await commitOf(repository, snapshot, options, staged);
  const wanted = salvageRef(claim);
  const taken = new Set(earlier.map(({ ref }) => ref));
  let ref = wanted;
  for (let again = 2; taken.has(ref); again++) ref = `${wanted}-${again}`;
  await setRef(repository, ref, commit);
  return { ref, commit };
}

/** What was staged and is neither in the files nor committed; `null` when there is nothing of the kind. */
async function stagedTree(
  repository: Repository,
  worktree: string,
  snapshot: Snapshot,
): Promise<string | null> {
  const written = await repository.run(["write-tree"], {}, worktree);
  const tree = written.ok ? written.out.trim() : null;
  if (tree === null || tree === snapshot.tree || tree === snapshot.headTree) return null;
  // The index stays behind where the engine commits beside it: what a commit before had is not lost.
  const before = await repository.run(["log", "--format=%T", "--max-count=1000", snapshot.head]);
  return before.out.split("\n").includes(tree) ? null : tree;
}

async function commitTree(
  repository: Repository,
  tree: string,
  parent: string,
  options: CommitOptions,
): Promise<string> {
  const message = `${options.message}\n\nWhat was staged.`;
  const made = await repository.run(["commit-tree", "-p", parent, "-m", message, tree], {
    env: identityOf(options.author),
  });
  if (!made.ok) throw new Error(errorOf(made));
  return made.out.trim();
}

interface Salvaged {
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
}

/** What of a task was salvaged before. */
async function salvaged(repository: Repository, { runId, taskId }: ClaimRef): Promise<readonly Salvaged[]> {
  const format = "--format=%(refname) %(objectname) %(tree)";
  const listed = await repository.run(["for-each-ref", format, `${salvagePrefix(runId, taskId)}/`]);
  return listed.out.split("\n").flatMap((line) => {
    const [ref, commit, tree] = line.split(" ");
    return ref === undefined || commit === undefined || tree === undefined ? [] : [{ ref, commit, tree }];
  });
}

async function isAncestor(repository: Repository, one: string, other: string): Promise<boolean> {
  return one === other || (await repository.run(["merge-base", "--is-ancestor", one, other])).ok;
}

async function treeOf(repository: Repository, commit: string): Promise<string | null> {
  const found = await repository.run(["rev-parse", "--verify", "-q", `${commit}^{tree}`]);
  return found.ok ? found.out.trim() : null;
}

/** A repository inside a work tree is only a number to git: its files would be lost with the work tree. @internal */
export async function refuseNested(repository: Repository, start: string, tree: string): Promise<void> {
  const listed = await repository.run(["diff-tree", "-r", "-z", "--raw", start, tree]);
  if (/(?:^|\0):\d{6} 160000 /.test(listed.out))
    throw new Error("there is a git repository in the work tree");
}
