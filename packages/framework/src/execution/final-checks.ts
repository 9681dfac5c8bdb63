/** Where several tasks work in one directory, one may break what another had proven: their checks once more, at the end. */
import { join } from "node:path";
import { gitTree } from "mai-orchestration-agents";
import type { Check, TaskState } from "mai-orchestration-core";
import { markOf, type RunCheck, type Store } from "mai-orchestration-engine";
import { safeFileName } from "./safe-file-name.ts";
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
 * Repeats the checks of verified tasks of a run whose workspace others used
 * too. A receipt that names the very tree that is left still holds; equal
 * checks in one place run once.
 */
export async function repeatChecks(input: FinalChecksInput): Promise<readonly FinalCheck[]> {
  const { store, runId, root, signal } = input;
  const run = await store.run(runId);
  if (run?.sharedChecks !== true) return [];
  const worked = (await store.tasks({ runId, phases: ["ended"] })).filter(({ attempt }) => attempt > 0);
  const doubtful = worked.filter((task) => task.end?.verdict === "verified");
  if (worked.length < 2 || doubtful.length === 0) return [];

  const tree = await gitTree(root, signal);
  const done = new Map<string, Promise<Repeated>>();
  const found: FinalCheck[] = [];
  for (const task of doubtful) {
    for (const check of task.spec.verify ?? []) {
      if (signal.aborted) return found;
      if (stillHolds(task, check, tree)) continue;
      const workspace = workspaceOf(root, task.spec);
      const key = JSON.stringify([workspace, check.command, task.spec.env ?? {}]);
      const outcome = done.get(key) ?? repeat(input, task, check, workspace);
      done.set(key, outcome);
      found.push({ taskId: task.spec.taskId, ...(await outcome) });
    }
  }
  return found;
}

function stillHolds(task: TaskState, check: Check, tree: string | null): boolean {
  if (tree === null) return false;
  return task.receipts.some(
    (receipt) => receipt.command === check.command && receipt.tree === tree && !receipt.treeChanged,
  );
}

async function repeat(
  { runCheck, root, runId, signal }: FinalChecksInput,
  task: TaskState,
  check: Check,
  workspace: string,
): Promise<Repeated> {
  const { taskId, env = {} } = task.spec;
  const receipt = await runCheck(check, {
    signal,
    workspace,
    root,
    env,
    outputFile: join(logFolder(root), safeFileName(runId), "final-checks.log"),
    mark: markOf({ runId, taskId, attempt: task.attempt }),
  });
  const how = receipt.exitCode === null ? "did not end in time" : `exited with ${receipt.exitCode}`;
  return {
    passed: receipt.passed,
    reason: `its check no longer passes at the end of the run: ${check.command} ${how}`,
  };
}
