/** The repository that work trees of a root belong to: the one the root is in, or one of copies that we keep. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, realpath, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { MaiError } from "mai-orchestration-core";
import { errorOf, type Git, type GitEnd } from "./git.ts";
import { baseRef } from "./names.ts";

/** @internal */
export interface GitCall {
  readonly mark?: string;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** @internal */
export interface Repository {
  readonly root: string;
  /** Where the root lies below the top level; empty where it is the top. */
  readonly prefix: string;
  /** Whether the root is no git repository, so that work trees are copies of its files. */
  readonly isCopy: boolean;
  /** What runs start from, as far as it was asked for. */
  readonly bases: Map<string, Promise<string>>;
  /** Runs git on the repository, or in one of its work trees. */
  run(args: readonly string[], options?: GitCall, worktree?: string): Promise<GitEnd>;
}

/** Never aborts: what must not be left half done. @internal */
export const unstoppable: AbortSignal = new AbortController().signal;

/** The author and committer of what the engine commits. @public */
export interface Author {
  readonly name: string;
  readonly email: string;
}

/** @internal */
export function identityOf({ name, email }: Author): Readonly<Record<string, string>> {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
}

/**
 * The repository of a root. Rejects `workspace.unusable` where there is no git.
 *
 * @param create - whether the repository of copies is made where there is none
 * @returns `null` where the root is no repository and there are no copies of it either
 * @internal
 */
export async function findRepository(git: Git, root: string, create: boolean): Promise<Repository | null> {
  const options = { cwd: root, mark: `git-${randomUUID()}`, signal: unstoppable };
  const top = await git(["rev-parse", "--show-toplevel"], options);
  if (top.ok) return repositoryAt(git, root, relative(top.out.trimEnd(), await realpath(root)), null);
  if (top.code === null) throw unusable(`git cannot be run: ${errorOf(top)}`, "Install git.");
  const gitDir = join(root, ".mai", "copies.git");
  if ((await stat(gitDir).catch(() => null)) === null) {
    if (!create) return null;
    // Under another name first: whoever finds it finds it whole.
    await mkdir(join(root, ".mai"), { recursive: true });
    const fresh = await mkdtemp(join(root, ".mai", "copies-"));
    const made = await git(["init", "-q", "--bare", fresh], options);
    if (!made.ok) throw unusable(errorOf(made), "Is the disk full?");
    await rename(fresh, gitDir).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return repositoryAt(git, root, "", gitDir);
}

function repositoryAt(git: Git, root: string, prefix: string, gitDir: string | null): Repository {
  return {
    root,
    prefix: prefix.startsWith("..") ? "" : prefix,
    isCopy: gitDir !== null,
    bases: new Map(),
    run(args, options = {}, worktree) {
      const { mark = `git-${randomUUID()}`, signal = unstoppable, ...rest } = options;
      const own = worktree === undefined && gitDir !== null ? [`--git-dir=${gitDir}`] : [];
      return git([...own, ...args], { cwd: worktree ?? root, mark, signal, ...rest });
    },
  };
}

/**
 * The commit that a run starts from under the name `revision`, recorded the
 * first time anybody asks. Rejects `workspace.unusable` for a revision that is
 * none.
 *
 * @internal
 */
export function recordBase(repository: Repository, runId: string, revision: string): Promise<string> {
  const key = JSON.stringify([runId, revision]);
  const known = repository.bases.get(key);
  if (known !== undefined) return known;
  const found = findOrRecord(repository, runId, revision);
  repository.bases.set(key, found);
  found.catch(() => repository.bases.delete(key));
  return found;
}

async function findOrRecord(repository: Repository, runId: string, revision: string): Promise<string> {
  const ref = baseRef(runId, revision);
  const known = await repository.run(["rev-parse", "--verify", "-q", ref]);
  if (known.ok) return known.out.trim();
  const commit = repository.isCopy ? await commitOfFolder(repository) : await commitAt(repository, revision);
  // Only if there is none yet: of two engines one is first, and both go on from that.
  const set = await repository.run(["update-ref", ref, commit, "0".repeat(commit.length)]);
  if (set.ok) return commit;
  const other = await repository.run(["rev-parse", "--verify", "-q", ref]);
  if (other.ok) return other.out.trim();
  throw unusable(errorOf(set), "See whether the repository can be written.");
}

async function commitAt(repository: Repository, revision: string): Promise<string> {
  const found = await repository.run([
    "rev-parse",
    "--verify",
    "-q",
    "--end-of-options",
    `${revision}^{commit}`,
  ]);
  if (found.ok) return found.out.trim();
  if (revision === "HEAD")
    throw unusable(
      `The repository ${repository.root} has no commit yet`,
      "Commit something first: work trees start from a commit.",
    );
  throw unusable(
    `The base ${revision} is no revision of ${repository.root}`,
    "Name a branch, a tag or a commit.",
  );
}

/** Everything in a folder that is no repository, as one commit. */
async function commitOfFolder(repository: Repository): Promise<string> {
  const temporary = await mkdtemp(join(tmpdir(), "mai-copy-"));
  try {
    const env = { GIT_INDEX_FILE: join(temporary, "index") };
    const place = [`--work-tree=${repository.root}`];
    const added = await repository.run(
      [...place, "add", "-A", "-f", "--", ".", ":(exclude,glob)**/.mai/**"],
      { env },
    );
    if (!added.ok) throw unusable(`The folder ${repository.root} cannot be copied: ${errorOf(added)}`, "");
    const listed = await repository.run(["ls-files", "-s", "-z"], { env });
    const nested = listed.out.split("\0").find((line) => line.startsWith("160000 "));
    if (nested !== undefined)
      throw unusable(
        `The folder ${repository.root} holds a git repository, ${nested.split("\t")[1]}, and is none itself`,
        "Run the plan inside that repository, or with `isolation: none`.",
      );
    const tree = await repository.run(["write-tree"], { env });
    const identity = identityOf({ name: "mai", email: "mai@localhost" });
    const commit = await repository.run(
      ["commit-tree", "-m", `The folder ${repository.root}`, tree.out.trim()],
      { env: identity },
    );
    if (!tree.ok || !commit.ok) throw unusable(errorOf(tree.ok ? commit : tree), "");
    return commit.out.trim();
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @internal */
export function unusable(message: string, hint: string): MaiError {
  return new MaiError("workspace.unusable", message, hint === "" ? {} : { hint });
}
