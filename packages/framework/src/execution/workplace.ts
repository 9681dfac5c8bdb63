/** Where the attempts of a run work, and the files that keep what they print. */
import { realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { hideSecretsInFile, type Workspaces } from "mai-orchestration-agents";
import { type FarmTask, MaiError } from "mai-orchestration-core";
import type { ClaimRef, OwnPlace, Workplace } from "mai-orchestration-engine";
import { writeReceipts } from "./receipts.ts";
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

/** Where the files of attempts go, and who makes work trees. @internal */
export interface WorkplaceOptions {
  /** The folder of logs for a root. */
  readonly logsOf: (root: string) => string;
  /** The folder of receipts for a root; `null` where none are written. */
  readonly receiptsOf: (root: string) => string | null;
  readonly workspaces: Workspaces;
}

/** Attempts work in the root or below it; isolated ones in a work tree of their own. @internal */
export function workplaceOnDisk({ logsOf, receiptsOf, workspaces }: WorkplaceOptions): Workplace {
  return {
    async prepare(request) {
      const { root, claim, task, backend } = request;
      const shared = workspaceOf(root, task);
      const isIsolated = task.isolation === "worktree";
      const silent = printsNothing(backend, task);
      if (silent && !isIsolated) return { root, workspace: shared, outputFile: "" };
      const log = logFile(logsOf(root), claim);
      await mkdir(dirname(log), { recursive: true });
      const outputFile = silent ? "" : log;
      const folder = receiptsOf(root);
      if (!isIsolated) {
        const hasChecks = (task.verify ?? []).length > 0 && folder !== null;
        const place = { root, workspace: shared, outputFile };
        return hasChecks ? { ...place, own: withReceipts(sharedPlace, folder, claim) } : place;
      }
      const made = await workspaces.prepare(request, log);
      if ("kind" in made) return made;
      const own = folder === null ? made.own : withReceipts(made.own, folder, claim);
      return { root, workspace: made.workspace, outputFile, own };
    },
    async keep(root, claim, output) {
      const file = logFile(logsOf(root), claim);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, output);
      return file;
    },
    async hideSecrets(outputFile, values) {
      await hideSecretsInFile(outputFile, values);
    },
  };
}

const sharedPlace: OwnPlace = {
  isolated: false,
  failsOnBase: async () => null,
  finish: async () => null,
};

/** Receipts are written once the work is safe. Where they cannot be, the journal still has them. */
function withReceipts(own: OwnPlace, folder: string, claim: ClaimRef): OwnPlace {
  return {
    ...own,
    async finish(outcome) {
      const work = await own.finish(outcome);
      const { succeeded, receipts } = outcome;
      if (receipts.length > 0 || work !== null)
        await writeReceipts(folder, claim, { succeeded, receipts, work }).catch(() => undefined);
      return work;
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
  // Also where a link leads: what is not there yet leads nowhere.
  if (!isWithin(root, workspace) || !isWithin(realPath(root), realPath(workspace))) {
    const message = `The directory ${task.cwd} of task ${task.taskId} leaves the root ${root}`;
    throw new MaiError("task.invalid", message, { hint: "Name a directory below the root." });
  }
  return workspace;
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
