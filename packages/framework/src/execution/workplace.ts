/** Where the attempts of a run work, and the files that keep what they print. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type FarmTask, MaiError } from "mai-orchestration-core";
import type { ClaimRef, Workplace } from "mai-orchestration-engine";
import { safeFileName } from "./safe-file-name.ts";
import { stateFolderName } from "./state-folder.ts";

/** The folder of a root with everything that attempts printed. @internal */
export function logFolder(root: string): string {
  return join(root, stateFolderName, "logs");
}

/** The file with everything one attempt printed, in a folder of logs. @internal */
export function logFile(logs: string, { runId, taskId, attempt }: ClaimRef): string {
  return join(logs, safeFileName(runId), safeFileName(taskId), `${attempt}.log`);
}

/**
 * Attempts work in the root or below it.
 *
 * @param logsOf - the folder of logs for a root
 * @internal
 */
export function workplaceOnDisk(logsOf: (root: string) => string = logFolder): Workplace {
  return {
    async prepare({ root, claim, task, backend }) {
      const workspace = workspaceOf(root, task);
      if (printsNothing(backend, task)) return { root, workspace, outputFile: "" };
      const outputFile = logFile(logsOf(root), claim);
      await mkdir(dirname(outputFile), { recursive: true });
      return { root, workspace, outputFile };
    },
    async keep(root, claim, output) {
      const file = logFile(logsOf(root), claim);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, output);
      return file;
    },
  };
}

/** A function prints nothing of its own; its checks do. @internal */
export function printsNothing(backend: string, task: FarmTask): boolean {
  return backend === "function" && (task.verify ?? []).length === 0;
}

/** The directory that a task works in; throws `task.invalid` when it leaves the root. @internal */
export function workspaceOf(root: string, task: FarmTask): string {
  if (task.cwd === undefined) return root;
  const workspace = resolve(root, task.cwd);
  if (workspace !== root && !workspace.startsWith(root + sep)) {
    const message = `The directory ${task.cwd} of task ${task.taskId} leaves the root ${root}`;
    throw new MaiError("task.invalid", message, { hint: "Name a directory below the root." });
  }
  return workspace;
}
