/** Where several tasks work in one directory, one may break what another had proven: their checks once more, at the end. */
import { join } from "node:path";
import { hideSecretsInFile } from "mai-orchestration-agents";
import type { Check, TaskState } from "mai-orchestration-core";
import type { RunCheck, Store } from "mai-orchestration-engine";
import { safeFileName } from "./safe-file-name.ts";
import { ownSecrets } from "./secrets.ts";
import { logFolder, workspaceOf } from "./workplace.ts";

/** How a check of an ended task stands at the end of its run. */
export interface FinalCheck {
  readonly taskId: string;
  readonly passed: boolean;
  readonly reason: string;
}

export interface FinalChecksInput {
  readonly store: Store;
  readonly runId: string;
  readonly root: string;
  readonly runCheck: RunCheck;
  readonly signal: AbortSignal;
}

type Repeated = Pick<FinalCheck, "passed" | "reason">;

/**
 * Stands in the environment of these checks: their tasks have ended, and with
 * them the marks of their attempts.
 *
 * @internal
 */
export function finalMarkOf(runId: string): string {
  return `${runId}/final-checks`;
}

/**
 * Repeats the checks of those verified tasks of a run whose receipts may be
 * out of date; equal checks in one place run once.
 */
export async function repeatChecks(input: FinalChecksInput): Promise<readonly FinalCheck[]> {
  const { store, runId, root, signal } = input;
  const run = await store.run(runId);
  if (run?.sharedChecks !== true) return [];
  // What worked in a work tree of its own changed nothing here, and nobody changed what it proved there.
  const worked = (await store.tasks({ runId, phases: ["ended"] })).filter(
    ({ attempt, spec }) => attempt > 0 && spec.isolation !== "worktree",
  );
  const done = new Map<string, Promise<Repeated>>();
  const found: FinalCheck[] = [];
  for (const task of worked) {
    if (task.end?.verdict !== "verified" || !isDoubtful(task, worked)) continue;
    for (const check of task.spec.verify ?? []) {
      if (signal.aborted) return found;
      const workspace = workspaceOf(root, task.spec);
      const key = JSON.stringify([workspace, check.command, task.spec.env ?? {}, check.timeout ?? null]);
      const outcome = done.get(key) ?? repeat(input, task, check, workspace);
      done.set(key, outcome);
      found.push({ taskId: task.spec.taskId, ...(await outcome) });
    }
  }
  return found;
}

/**
 * Whether a check of the task may have seen other files than those that are
 * left: somebody worked on after it, or it was not one tree that all of its
 * checks saw. A git tree that is equal now proves nothing, for it leaves out
 * ignored files.
 */
function isDoubtful(task: TaskState, worked: readonly TaskState[]): boolean {
  const { receipts } = task;
  if (receipts.some(({ treeChanged }) => treeChanged)) return true;
  if (new Set(receipts.map(({ tree }) => tree)).size > 1) return true;
  const firstAt = Math.min(...receipts.map(({ at }) => at));
  return worked.some((other) => other !== task && (other.end?.at ?? 0) >= firstAt);
}

async function repeat(
  { runCheck, root, runId, signal }: FinalChecksInput,
  task: TaskState,
  check: Check,
  workspace: string,
): Promise<Repeated> {
  const { env = {} } = task.spec;
  const outputFile = join(logFolder(root), safeFileName(runId), "final-checks.log");
  const mark = finalMarkOf(runId);
  const receipt = await runCheck(check, { signal, workspace, root, env, outputFile, mark });
  await hideSecretsInFile(outputFile, ownSecrets([task.spec])).catch(() => 0);
  const how = receipt.exitCode === null ? "did not end in time" : `exited with ${receipt.exitCode}`;
  return {
    passed: receipt.passed,
    reason: `its check no longer passes at the end of the run: ${check.command} ${how}`,
  };
}
