/** Repeats the checks of an ended task in a clean checkout of what its receipts name, and compares. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, type Receipt, type TaskState } from "mai-orchestration-core";
import type { RunCheck } from "mai-orchestration-engine";
import { checkClean } from "./check-clean.ts";
import { includedFiles } from "./furnish.ts";
import { errorOf, type Git } from "./git.ts";
import { findRepository, identityOf, type Repository } from "./repository.ts";

/** Whose checks are repeated, and how. @public */
export interface CheckAgainOptions {
  readonly git: Git;
  readonly runCheck: RunCheck;
  readonly root: string;
  readonly task: TaskState;
  /** Everything that is printed is appended here. */
  readonly outputFile: string;
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** How the checks of a task stand today. @public */
export interface CheckedAgain {
  readonly taskId: string;
  /** The tree that was checked; `null` when there is none to check. */
  readonly tree: string | null;
  /** Whether every check ended as its receipt says. */
  readonly holds: boolean;
  /** Why not, one line each. */
  readonly differences: readonly string[];
  readonly receipts: readonly Receipt[];
}

/** Never rejects for a task that cannot be checked: that is a difference. @public */
export async function checkAgain(options: CheckAgainOptions): Promise<CheckedAgain> {
  const { task } = options;
  const { taskId, verify = [] } = task.spec;
  const newest = new Map(task.receipts.map((receipt) => [receipt.command, receipt]));
  const tree = task.work?.tree ?? newest.get(verify.at(-1)?.command ?? "")?.tree ?? null;
  const failed = (difference: string): CheckedAgain => ({
    taskId,
    tree,
    holds: false,
    differences: [difference],
    receipts: [],
  });
  if (tree === null) return failed("its receipts name no tree: it did not work in a git repository");
  try {
    const repository = await findRepository(options.git, options.root, false);
    if (repository === null) return failed(`${options.root} has no repository any more`);
    const commit = task.work?.commit ?? (await commitOfTree(repository, tree));
    await mkdir(dirname(options.outputFile), { recursive: true });
    const included = await includedFiles(repository, {});
    const { runCheck, outputFile, mark, signal } = options;
    const { runId, spec } = task;
    const receipts = await checkClean(
      { repository, included, runCheck, runId, task: spec, commit, outputFile, mark, signal },
      verify,
    );
    const differences = receipts.flatMap((receipt) =>
      differencesOf(newest.get(receipt.command), receipt, tree),
    );
    return { taskId, tree, holds: differences.length === 0, differences, receipts };
  } catch (error) {
    return failed(`it could not be checked: ${messageOf(error)}`);
  }
}

function differencesOf(before: Receipt | undefined, now: Receipt, tree: string): string[] {
  const { command } = now;
  if (before === undefined) return [`there is no receipt of ${command}`];
  const found: string[] = [];
  if (now.tree !== null && now.tree !== tree)
    found.push(`the clean checkout is another tree, ${now.tree}: ${command}`);
  if (before.passed !== now.passed)
    found.push(`${now.passed ? "passes" : `fails (exit code ${now.exitCode ?? "none"})`} now: ${command}`);
  return found;
}

/** A shared workspace leaves trees without a commit, which git keeps for a while. */
async function commitOfTree(repository: Repository, tree: string): Promise<string> {
  const env = identityOf({ name: "mai", email: "mai@localhost" });
  const made = await repository.run(["commit-tree", "-m", "What was checked", tree], { env });
  if (made.ok) return made.out.trim();
  throw new Error(`git does not have the tree any more: ${errorOf(made)}`);
}
