/** How branches, refs and folders of a run are called. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ClaimRef } from "mai-orchestration-engine";

/** The branch with what a task left: `mai/RUN/TASK`. @public */
export function branchOf(runId: string, taskId: string): string {
  return `mai/${refPart(runId)}/${refPart(taskId)}`;
}

/** All work of a run that does not count, or of one task of it. @public */
export function salvagePrefix(runId?: string, taskId?: string): string {
  const parts = [runId, taskId].flatMap((id) => (id === undefined ? [] : [refPart(id)]));
  return ["refs/mai/salvage", ...parts].join("/");
}

/** @internal */
export function salvageRef({ runId, taskId, attempt }: ClaimRef): string {
  return `${salvagePrefix(runId, taskId)}/${attempt}`;
}

/** What a run starts from, kept from being collected and from moving. @internal */
export function baseRef(runId: string, revision: string): string {
  return `refs/mai/base/${refPart(runId)}/${refPart(revision)}`;
}

/** The folder of a root with the work trees of a run. @internal */
export function worktreeFolder(root: string, runId: string): string {
  return join(root, ".mai", "worktrees", refPart(runId));
}

/** The folder of a root with the patches of a run. @internal */
export function patchFolder(root: string, runId: string): string {
  return join(root, ".mai", "patches", refPart(runId));
}

/** The work tree of a task. @internal */
export function worktreeOf(root: string, runId: string, taskId: string): string {
  return join(worktreeFolder(root, runId), refPart(taskId));
}

/**
 * An id as one part of a ref and of a path: ids of plans as they are, what git
 * or a file system would not take encoded, and what is too long told apart by a digest.
 *
 * @internal
 */
export function refPart(id: string): string {
  const plain = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.|$|lock$))*$/.test(id);
  const encoded = plain ? id : encodeURIComponent(id).replace(/[.~*!'()]/g, hex);
  if (encoded.length <= 100 && encoded !== "") return encoded;
  return `${encoded.slice(0, 60).replace(/%.?$/, "")}-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
