/**
 * What git does for the delivery of a run: work is merged without a work tree, checked in clean checkouts, and kept on
 * a branch of the run's own until the target is moved to it.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FarmTask, Work } from "mai-orchestration-core";
import type { RunCheck } from "mai-orchestration-engine";
import { includedFiles } from "../workspace/furnish.ts";
import { errorOf, type Git } from "../workspace/git.ts";
import { writePatch } from "../workspace/keep.ts";
import { isAncestor, mergeTrees } from "../workspace/merge-trees.ts";
import { branchOf, patchFolder, refPart } from "../workspace/names.ts";
import {
  type Author,
  findRepository,
  type GitCall,
  identityOf,
  type Repository,
  unusable,
} from "../workspace/repository.ts";
import { setRef } from "../workspace/snapshot.ts";
import {
  type Candidate,
  type Merge,
  type Queue,
  type QueuePorts,
  runQueue,
  type Tip,
} from "./merge-queue.ts";
import { MergedChecks } from "./merged-checks.ts";
import { type Moved, moveTarget } from "./move-target.ts";
import { ghInstallHint, hasGh, openPullRequest, type PullRequest } from "./pull-request.ts";

/** Whose work is delivered, and how. @public */
export interface DeliveryOptions {
  readonly git: Git;
  readonly runCheck: RunCheck;
  readonly author: Author;
  readonly root: string;
  readonly runId: string;
  /** What checks and setup print is appended here. */
  readonly outputFile: string;
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** What a queue tells of, as it goes; each is durable when it resolves. @public */
export type QueueNews = Pick<QueuePorts, "merged" | "failed" | "conflicted">;

/** The branch with what was merged for a target and passed its checks. @public */
export function deliveryBranchOf(runId: string, target: string): string {
  return `mai-delivery/${refPart(runId)}/${refPart(target)}`;
}

/** The delivery of one run. @public */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #repository: Repository;
  readonly #call: Required<Pick<GitCall, "mark" | "signal">>;

  private constructor(options: DeliveryOptions, repository: Repository) {
    this.#options = options;
    this.#repository = repository;
    this.#call = { mark: options.mark, signal: options.signal };
  }

  /** Rejects `workspace.unusable` where the repository is gone. */
  static async open(options: DeliveryOptions): Promise<Delivery> {
    const repository = await findRepository(options.git, options.root, false);
    if (repository === null) throw unusable(`${options.root} has no repository any more`, "");
    return new Delivery(options, repository);
  }

  /** Where a branch stands; `null` when there is none of that name. */
  async headOf(branch: string): Promise<Tip | null> {
    return this.tipOf(`refs/heads/${branch}`);
  }

  /** A commit and its tree; `null` when there is none such. */
  async tipOf(revision: string): Promise<Tip | null> {
    const asked = ["log", "-1", "--format=%H %T", "--end-of-options", revision, "--"];
    const found = await this.#repository.run(asked, this.#call);
    const [commit = "", tree = ""] = found.out.trim().split(" ");
    return found.ok && commit !== "" ? { commit, tree } : null;
  }

  async contains(tip: string, commit: string): Promise<boolean> {
    return isAncestor(this.#repository, commit, tip, this.#call);
  }

  /** Takes in what can be; resolves where that leads. Rejects when it was stopped. */
  async run(target: string, before: Tip, queue: Queue, news: QueueNews): Promise<Tip> {
    const { runCheck, runId, outputFile, mark, signal } = this.#options;
    await mkdir(dirname(outputFile), { recursive: true });
    const included = await includedFiles(this.#repository, this.#call);
    const common = { repository: this.#repository, included, runCheck, runId, outputFile, mark, signal };
    const checks = new MergedChecks({ ...common, before });
    const branch = `refs/heads/${deliveryBranchOf(runId, target)}`;
    return runQueue(queue, {
      ...news,
      merge: (onto, candidate) => this.#merge(onto, candidate),
      check: (tip, candidates) =>
        checks.judge(
          tip,
          candidates.map(({ task }) => task),
        ),
      merged: async (tip, candidates, receipts) => {
        // The commits are on a branch before anybody is told of them.
        await setRef(this.#repository, branch, tip.commit);
        await news.merged(tip, candidates, receipts);
      },
    });
  }

  /** Puts the run's own branch where a journal says that the delivery stands. */
  async keep(target: string, commit: string): Promise<void> {
    await setRef(this.#repository, `refs/heads/${deliveryBranchOf(this.#options.runId, target)}`, commit);
  }

  /** Moves the target forward, and drops the run's own branch once the target has all of it. */
  async move(target: string, commit: string): Promise<Moved> {
    const moved = await moveTarget(this.#repository, target, commit, this.#call);
    const branch = `refs/heads/${deliveryBranchOf(this.#options.runId, target)}`;
    if (moved.type === "moved") await this.#repository.run(["update-ref", "-d", branch, commit], this.#call);
    return moved;
  }

  /**
   * A commit that holds both sides, with conflict markers where they contradict each other: what the task that brings
   * them together starts from.
   */
  async conflictCommit(onto: Tip, { task, commit }: Candidate, tree: string): Promise<string> {
    return this.#commit(
      tree,
      [onto.commit, commit],
      `Both sides of ${task.taskId}, which contradict each other`,
    );
  }

  /** Writes `TASK.patch` into a folder of the run; resolves the file. */
  async patch(task: FarmTask, work: Work): Promise<string> {
    const folder = patchFolder(this.#options.root, this.#options.runId);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${refPart(task.taskId)}.patch`);
    await writePatch(this.#repository, file, work.base, work.commit);
    return file;
  }

  /** Pushes a task's branch and opens a pull request for it, unless there is one. */
  async pullRequest(task: FarmTask, target: string, body: string): Promise<PullRequest> {
    const { runId } = this.#options;
    const remote = await remoteOf(this.#repository, target);
    if (remote === null) return { ok: false, reason: "the repository has no remote any more" };
    return openPullRequest(this.#repository, { runId, task, target, remote, body, call: this.#call });
  }

  async #merge(onto: Tip, candidate: Candidate): Promise<Merge> {
    const { commit, origin, task } = candidate;
    const call = this.#call;
    if (await isAncestor(this.#repository, commit, onto.commit, call)) return { type: "merged", ...onto };
    const merged = await mergeTrees(this.#repository, onto.commit, commit, call);
    this.#options.signal.throwIfAborted();
    if (merged.type !== "merged") return merged;
    const { tree } = merged;
    if (origin === null && (await isAncestor(this.#repository, onto.commit, commit, call)))
      return { type: "merged", commit, tree };
    const [first = ""] = task.description.trim().split("\n");
    const message = `Merge ${branchOf(this.#options.runId, task.taskId)}\n\n${first.slice(0, 200)}`;
    // What brought two sides together started from a commit with conflict markers, which is nobody's history.
    return {
      type: "merged",
      tree,
      commit: await this.#commit(tree, [onto.commit, origin ?? commit], message),
    };
  }

  async #commit(tree: string, parents: readonly string[], message: string): Promise<string> {
    const words = parents.flatMap((parent) => ["-p", parent]);
    const made = await this.#repository.run(["commit-tree", ...words, "-m", message, tree], {
      ...this.#call,
      env: identityOf(this.#options.author),
    });
    if (made.ok) return made.out.trim();
    this.#options.signal.throwIfAborted();
    throw new Error(errorOf(made));
  }
}

/** What must be known before a run that delivers begins. @public */
export interface DeliveryPlace {
  readonly git: Git;
  readonly root: string;
  readonly tasks: readonly FarmTask[];
}

/**
 * The tasks with the branch that each is delivered to. Rejects `workspace.unusable` where they cannot be delivered as
 * they ask, so that nobody works for nothing.
 *
 * @public
 */
export async function readyToDeliver({ git, root, tasks }: DeliveryPlace): Promise<readonly FarmTask[]> {
  const targeted = tasks.filter(({ deliver }) => deliver === "merge" || deliver === "pull-request");
  if (targeted.length === 0) return tasks;
  const repository = await findRepository(git, root, false);
  if (repository === null || repository.isCopy)
    throw unusable(`${root} is no git repository, so nothing can be merged`, "Use `deliver: patch`.");
  const current = await repository.run(["symbolic-ref", "-q", "--short", "HEAD"]);
  const given = tasks.map((task) => {
    if (!targeted.includes(task) || task.target !== undefined) return task;
    if (!current.ok) throw unusable("No branch is checked out to deliver to", "Name one: `target: main`.");
    return { ...task, target: current.out.trim() };
  });
  for (const target of new Set(
    given.flatMap(({ deliver, target }) => (deliver === "merge" ? [target] : [])),
  )) {
    const found = await repository.run(["rev-parse", "--verify", "-q", `refs/heads/${target}`]);
    if (!found.ok)
      throw unusable(`There is no branch ${target} to deliver to`, `Make it: git branch ${target}`);
  }
  for (const { deliver, target = "" } of given) {
    if (deliver !== "pull-request") continue;
    if (!hasGh())
      throw unusable("`deliver: pull-request` needs the program gh, which is not on PATH", ghInstallHint);
    if ((await remoteOf(repository, target)) === null)
      throw unusable(
        "`deliver: pull-request` needs a remote, and the repository has none",
        "Add one: git remote add origin URL",
      );
    break;
  }
  return given;
}

/** Where a branch is pushed to: its own remote, else `origin`, else the only one. */
async function remoteOf(repository: Repository, branch: string): Promise<string | null> {
  const own = await repository.run(["config", "--get", `branch.${branch}.remote`]);
  if (own.ok && own.out.trim() !== ".") return own.out.trim();
  const remotes = (await repository.run(["remote"])).out.split("\n").filter(Boolean);
  if (remotes.includes("origin")) return "origin";
  return remotes.length === 1 ? (remotes[0] ?? null) : null;
}
