/** Where tasks shared a workspace, one may have broken what another had proven: all checks once more, at the end. */
import { join } from "node:path";
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

/** Repeats the checks of verified tasks that shared their workspace; equal checks in one place run once. */
export async function repeatChecks(input: FinalChecksInput): Promise<readonly FinalCheck[]> {
  const { store, runId, root, signal } = input;
  const run = await store.run(runId);
  if (run?.sharedChecks !== true) return [];
  const tasks = (await store.tasks({ runId, phases: ["ended"] })).filter(
    (task) => task.end?.verdict === "verified" && task.answer?.sharedWorkspace === true,
  );
  const done = new Map<string, Promise<{ readonly passed: boolean; readonly reason: string }>>();
  const found: FinalCheck[] = [];
  for (const task of tasks) {
    for (const check of task.spec.verify ?? []) {
      if (signal.aborted) return found;
      const workspace = workspaceOf(root, task.spec);
      const key = JSON.stringify([workspace, check.command, task.spec.env ?? {}]);
      let outcome = done.get(key);
      if (outcome === undefined) {
        outcome = repeat(input, task, check, workspace);
        done.set(key, outcome);
      }
      found.push({ taskId: task.spec.taskId, ...(await outcome) });
    }
  }
  return found;
}

async function repeat(
  { runCheck, root, runId, signal }: FinalChecksInput,
  task: TaskState,
  check: Check,
  workspace: string,
): Promise<{ readonly passed: boolean; readonly reason: string }> {
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
