/** The workspaces of isolated tasks while an engine drives their run: made for attempts, cleared once tasks have ended. */
import { type Author, createGit, type Git, Workspaces } from "mai-orchestration-agents";
import { hasSucceeded, type TaskState } from "mai-orchestration-core";
import type { RunCheck, Store } from "mai-orchestration-engine";

/** @internal */
export interface RunWorkspaces {
  readonly workspaces: Workspaces;
  readonly git: Git;
  /** The work tree of a task that has ended is removed, soon. */
  ended(root: string, task: TaskState): void;
  /** Clears what ended while nobody could: after the death of an engine. */
  sweep(store: Store, runId: string, root: string): Promise<void>;
  /** Resolves once all that was begun is done. */
  close(): Promise<void>;
}

/** @param git - for tests that break off what it does @internal */
export function runWorkspaces(options: {
  readonly runCheck: RunCheck;
  readonly author?: Author;
  readonly git?: Git;
}): RunWorkspaces {
  const { runCheck, author } = options;
  const own = createGit();
  const { git = own.git } = options;
  const workspaces = new Workspaces({ git, runCheck, ...(author === undefined ? {} : { author }) });
  const clearing = new Set<Promise<unknown>>();
  const clear = (root: string, task: TaskState): Promise<unknown> => {
    const { runId, spec, attempt } = task;
    return workspaces.clear(root, { runId, taskId: spec.taskId, attempt }, spec, hasSucceeded(task));
  };
  return {
    workspaces,
    git,
    ended(root, task) {
      if (task.spec.isolation !== "worktree" || task.attempt === 0) return;
      const done = clear(root, task).finally(() => clearing.delete(done));
      clearing.add(done);
    },
    async sweep(store, runId, root) {
      if ((await workspaces.left(root, runId)).length === 0) return;
      const ended = await store.tasks({ runId, phases: ["ended"] });
      const isolated = ended.filter(({ spec, attempt }) => spec.isolation === "worktree" && attempt > 0);
      await Promise.all(isolated.map((task) => clear(root, task)));
    },
    async close() {
      while (clearing.size > 0) await Promise.allSettled(clearing);
      own.close();
    },
  };
}
