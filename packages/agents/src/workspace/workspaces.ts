/**
 * Work trees for the attempts of isolated tasks. The one law of this room:
 * nothing is reset or removed before all that git does not ignore of it is
 * reachable from a ref. A work tree belongs to a task; each attempt finds what
 * the one before left, which was salvaged first.
 */

import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Check, type FarmTask, messageOf as textOf } from "mai-orchestration-core";
import type {
  ClaimRef,
  NoPlace,
  OwnPlace,
  PlaceOutcome,
  PlaceRequest,
  RunCheck,
} from "mai-orchestration-engine";
import { checkClean } from "./check-clean.ts";
import { furnish, includedFiles } from "./furnish.ts";
import type { Git } from "./git.ts";
import { type KeepOptions, keepFailure, keepSuccess, messageOf } from "./keep.ts";
import { branchOf, worktreeFolder, worktreeOf } from "./names.ts";
import { readNote, removeNote, type WorktreeNote, writeNote } from "./note.ts";
import { type Author, findRepository, type Repository, recordBase, unusable } from "./repository.ts";
import { refuseNested, type Snapshot, salvage, setRef, snapshotOf } from "./snapshot.ts";
import { startOf } from "./start.ts";
import { addWorktree, isThere, removeWorktree, settleWorktree } from "./worktree.ts";

/** What makes and checks work trees, and in whose name it commits. @public */
export interface WorkspacesOptions {
  readonly git: Git;
  readonly runCheck: RunCheck;
  /** Who is named in commits of the engine. @defaultValue mai <mai@localhost> */
  readonly author?: Author;
}

/** An isolated attempt's directory, and how what it leaves is kept. @public */
export interface Workspace {
  /** Where the attempt works, absolute. */
  readonly workspace: string;
  readonly own: OwnPlace;
}

const defaultAuthor: Author = { name: "mai", email: "mai@localhost" };

/** The work trees of all runs that one engine drives. @public */
export class Workspaces {
  readonly #git: Git;
  readonly #runCheck: RunCheck;
  readonly #author: Author;
  readonly #repositories = new Map<string, Promise<Repository>>();
  readonly #included = new Map<string, Promise<readonly string[]>>();
  readonly #baselines = new Map<string, boolean>();
  /** Clean checkouts are looked at one after the other: they share a folder. */
  #cleanQueue: Promise<unknown> = Promise.resolve();
  readonly #limit = limiter(Math.max(2, availableParallelism() * 2));

  constructor(options: WorkspacesOptions) {
    this.#git = options.git;
    this.#runCheck = options.runCheck;
    this.#author = options.author ?? defaultAuthor;
  }

  /**
   * Records what isolated tasks of a run start from, so that all of them share
   * it. Rejects `workspace.unusable` where there is no such revision, or no git.
   */
  async open(root: string, runId: string, tasks: readonly FarmTask[]): Promise<void> {
    const revisions = new Set(
      tasks.flatMap(({ isolation, base }) => (isolation === "worktree" ? [base ?? "HEAD"] : [])),
    );
    for (const revision of revisions) await recordBase(await this.#repository(root), runId, revision);
  }

  /**
   * The workspace of an attempt, made if there is none.
   *
   * @param outputFile - what setup prints is appended here; its folder exists
   */
  async prepare(request: PlaceRequest, outputFile: string): Promise<Workspace | NoPlace> {
    const { root, claim, task } = request;
    try {
      const repository = await this.#repository(root);
      const worktree = worktreeOf(root, claim.runId, claim.taskId);
      const made = await this.#limit(() => this.#make(repository, worktree, request));
      if ("kind" in made) return made;
      const place = join(worktree, repository.prefix);
      const unready = made.ready ? null : await this.#furnish(repository, place, request, outputFile);
      if (unready !== null) return unready;
      if (!made.ready) await writeNote(worktree, { ...made, ready: true });
      const options: KeepOptions = { claim, task, worktree, start: made.start, author: this.#author };
      const own: OwnPlace = {
        isolated: true,
        failsOnBase: (check) => this.#failsOnBase(repository, made.start, check, request, outputFile),
        finish: (outcome: PlaceOutcome) =>
          this.#limit(() =>
            outcome.succeeded ? keepSuccess(repository, options) : keepFailure(repository, options),
          ),
      };
      return { workspace: join(place, task.cwd ?? ""), own };
    } catch (error) {
      return { reason: textOf(error), kind: "permanent", output: "" };
    }
  }

  /**
   * Removes the work tree of a task that has ended, what is not kept yet
   * salvaged first. Answers whether it is gone: what cannot be made safe stays.
   * The folder with the result of a copy stays too.
   */
  async clear(root: string, claim: ClaimRef, task: FarmTask, succeeded: boolean): Promise<boolean> {
    const worktree = worktreeOf(root, claim.runId, claim.taskId);
    const note = await readNote(worktree);
    if (note === null && !(await isThere(worktree))) return true;
    return this.#limit(async () => {
      const repository = await this.#repository(root);
      if (repository.isCopy && succeeded) return false;
      try {
        if (note?.made === true && (await isThere(worktree)))
          await this.#makeSafe(repository, worktree, note, claim, task);
        await removeWorktree(repository, worktree);
        await removeNote(worktree);
        if (!succeeded && note !== null) await this.#dropBranch(repository, claim, note.start);
        return true;
      } catch {
        return false;
      }
    });
  }

  /** The tasks of a run that have a work tree, by the names of their folders. */
  async left(root: string, runId: string): Promise<readonly string[]> {
    const entries = await readdir(worktreeFolder(root, runId), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  async #make(
    repository: Repository,
    worktree: string,
    { claim, task, mark, signal }: PlaceRequest,
  ): Promise<WorktreeNote | NoPlace> {
    const call = { mark, signal };
    const branch = branchOf(claim.runId, claim.taskId);
    const known = await readNote(worktree);
    const hasFiles = await isThere(worktree);
    const start =
      known ?? (await startOf(repository, { runId: claim.runId, task, author: this.#author, call }));
    if ("reason" in start) return { reason: start.reason, kind: "permanent", output: start.output };
    const commit = "start" in start ? start.start : start.commit;
    // The same attempt in other hands: what it started may still be at work there.
    if (hasFiles && known?.made === true && known.attempt === claim.attempt) return known;
    // Without a note nobody knows what the files are: then they are somebody's work.
    if (hasFiles && known?.made !== false) {
      const left = known ?? { start: commit, attempt: claim.attempt, made: true, ready: false };
      const { tip, head } = await this.#makeSafe(repository, worktree, left, claim, task);
      if (tip === null) await setRef(repository, `refs/heads/${branch}`, head);
      const problem = await settleWorktree(repository, worktree, branch, call);
      if (problem !== null) return transient(problem);
      const note = { ...left, attempt: claim.attempt };
      await writeNote(worktree, note);
      return note;
    }
    const note: WorktreeNote = { start: commit, attempt: claim.attempt, made: false, ready: false };
    await writeNote(worktree, note);
    const problem = await addWorktree(repository, worktree, branch, commit, call);
    if (problem !== null) return transient(problem);
    await writeNote(worktree, { ...note, made: true });
    return { ...note, made: true };
  }

  /** Salvages what an earlier attempt left and no ref has. Throws where that cannot be done. */
  async #makeSafe(
    repository: Repository,
    worktree: string,
    note: WorktreeNote,
    { runId, taskId }: ClaimRef,
    task: FarmTask,
  ): Promise<Snapshot> {
    const claim = { runId, taskId, attempt: note.attempt };
    const snapshot = await snapshotOf(repository, worktree, branchOf(runId, taskId));
    await refuseNested(repository, note.start, snapshot.tree);
    const options = {
      author: this.#author,
      message: messageOf(claim, task),
      kept: snapshot.tip ?? note.start,
    };
    await salvage(repository, worktree, claim, snapshot, options);
    return snapshot;
  }

  async #furnish(
    repository: Repository,
    place: string,
    { task, mark, signal }: PlaceRequest,
    outputFile: string,
  ): Promise<NoPlace | null> {
    const { link = [], setup = [], env = {} } = task;
    const included = await this.#includes(repository);
    return furnish(repository, included, { place, link, setup, env, outputFile, mark, signal });
  }

  /** Looked for once: the list hardly changes while an engine lives, and looking reads every ignored folder. */
  #includes(repository: Repository): Promise<readonly string[]> {
    const known = this.#included.get(repository.root);
    if (known !== undefined) return known;
    const found = includedFiles(repository, {});
    this.#included.set(repository.root, found);
    return found;
  }

  async #failsOnBase(
    repository: Repository,
    start: string,
    check: Check,
    { claim, task, mark, signal }: PlaceRequest,
    outputFile: string,
  ): Promise<boolean | null> {
    const { env = {}, cwd = "", setup = [], link = [] } = task;
    const key = JSON.stringify([claim.runId, start, check.command, env, cwd, setup, link]);
    const look = async (): Promise<boolean | null> => {
      const known = this.#baselines.get(key);
      if (known !== undefined || signal.aborted) return known ?? null;
      const included = await this.#includes(repository);
      const { runId } = claim;
      const runCheck = this.#runCheck;
      const options = {
        repository,
        included,
        runCheck,
        runId,
        task,
        commit: start,
        outputFile,
        mark,
        signal,
      };
      const [receipt] = await checkClean(options, [check]);
      if (receipt === undefined || signal.aborted) return null;
      this.#baselines.set(key, !receipt.passed);
      return !receipt.passed;
    };
    const answer = this.#cleanQueue.then(look).catch(() => null);
    this.#cleanQueue = answer;
    return answer;
  }

  /** A branch that has nothing of its own any more: it stands where the task started, or is all salvaged. */
  async #dropBranch(repository: Repository, { runId, taskId }: ClaimRef, start: string): Promise<void> {
    const ref = `refs/heads/${branchOf(runId, taskId)}`;
    const found = await repository.run(["rev-parse", "--verify", "-q", ref]);
    const tip = found.out.trim();
    if (!found.ok || tip !== start) return;
    await repository.run(["update-ref", "-d", ref, tip]);
  }

  #repository(root: string): Promise<Repository> {
    const known = this.#repositories.get(root);
    if (known !== undefined) return known;
    const found = findRepository(this.#git, root, true).then((repository) => {
      if (repository === null) throw unusable(`${root} has no repository`, "");
      return repository;
    });
    this.#repositories.set(root, found);
    found.catch(() => this.#repositories.delete(root));
    return found;
  }
}

function transient(reason: string): NoPlace {
  return { reason, kind: "transient", output: "" };
}

/** Lets so many pieces of work run at once, in the order they came. */
function limiter(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
