/** Clean checkouts in which checks are run once more: on what a task started from, or on what it delivered. */
import { join } from "node:path";
import type { Check, FarmTask, Receipt } from "mai-orchestration-core";
import type { RunCheck } from "mai-orchestration-engine";
import { furnish } from "./furnish.ts";
import { refPart } from "./names.ts";
import type { Repository } from "./repository.ts";
import { addDetached, removeWorktree } from "./worktree.ts";

/** @internal */
export interface CleanCheckOptions {
  readonly repository: Repository;
  readonly included: readonly string[];
  readonly runCheck: RunCheck;
  readonly runId: string;
  readonly task: FarmTask;
  readonly commit: string;
  /** What the checks and the setup print is appended here; its folder exists. */
  readonly outputFile: string;
  readonly mark: string;
  readonly signal: AbortSignal;
  /** Whether the checks after one that failed are left out. @defaultValue false */
  readonly stopsAtFailure?: boolean;
}

/** The folder with the clean checkouts of a run. @internal */
export function cleanFolder(root: string, runId: string): string {
  return join(root, ".mai", "clean", refPart(runId));
}

/**
 * Runs checks of a task in a clean checkout of a commit, made ready as the
 * task's own work tree is, and removes it. Rejects with an error that says why
 * there is no such checkout.
 *
 * @internal
 */
export async function checkClean(
  options: CleanCheckOptions,
  checks: readonly Check[],
): Promise<readonly Receipt[]> {
  const { repository, runId, task, commit, outputFile, mark, signal } = options;
  const worktree = join(
    cleanFolder(repository.root, runId),
    refPart(`${task.taskId}-${commit.slice(0, 12)}`),
  );
  const env = task.env ?? {};
  const problem = await addDetached(repository, worktree, commit, { mark, signal });
  if (problem !== null) throw new Error(problem);
  try {
    const place = join(worktree, repository.prefix);
    const { link = [], setup = [] } = task;
    const unready = await furnish(repository, options.included, {
      place,
      link,
      setup,
      env,
      outputFile,
      mark,
      signal,
    });
    if (unready !== null) throw new Error(unready.reason);
    const context = {
      root: repository.root,
      workspace: join(place, task.cwd ?? ""),
      env,
      outputFile,
      mark,
      signal,
    };
    const receipts: Receipt[] = [];
    for (const check of checks) {
      const receipt = await options.runCheck(check, context);
      receipts.push(receipt);
      if (options.stopsAtFailure === true && !receipt.passed) break;
    }
    return receipts;
  } finally {
    await removeWorktree(repository, worktree);
  }
}
