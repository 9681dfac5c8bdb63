/** How a check is run, and what it leaves behind. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Check, Receipt } from "mai-orchestration-core";
import type { CheckContext, RunCheck } from "mai-orchestration-engine";
import { gitTree } from "./git-tree.ts";
import { childEnvironment, markVariable, outerMarksVariable } from "./process/environment.ts";
import type { ProcessEnd } from "./process/process-options.ts";
import { runProcess } from "./process/run-process.ts";
import { tailOf } from "./text.ts";

const defaultTimeoutMs = 600_000;
const receiptTailBytes = 4_096;
const digestChunkBytes = 1024 * 1024;

/** Limits and means of a check runner. @public */
export interface CheckOptions {
  /** Milliseconds a check may take that does not say. @defaultValue 600_000 */
  readonly timeoutMs?: number;
  /** The tree of the work tree that a folder is in. @defaultValue {@link gitTree} */
  readonly treeOf?: (folder: string, signal: AbortSignal) => Promise<string | null>;
}

/**
 * Runs checks with `sh -c` in the task's workspace; exit code 0 passes. The
 * receipt names the tree before the check, and whether the check saw it change.
 *
 * @public
 */
export function createRunCheck(options: CheckOptions = {}): RunCheck {
  const treeOf = options.treeOf ?? gitTree;
  return async (check, context) => {
    const tree = await treeOf(context.workspace, context.signal);
    const before = sizeOf(context.outputFile);
    const end = await runProcess({
      command: ["sh", "-c", check.command],
      cwd: context.workspace,
      env: context.env,
      outputFile: context.outputFile,
      mark: context.mark,
      signal: context.signal,
      timeoutMs: check.timeout ?? options.timeoutMs ?? defaultTimeoutMs,
    });
    const after = tree === null ? null : await treeOf(context.workspace, context.signal);
    return receiptOf(check, context, end, before, { tree, treeChanged: tree !== after });
  };
}

function receiptOf(
  check: Check,
  context: CheckContext,
  end: ProcessEnd,
  from: number,
  trees: Pick<Receipt, "tree" | "treeChanged">,
): Receipt {
  return {
    command: check.command,
    passed: end.cause === "exited" && end.exitCode === 0,
    exitCode: end.cause === "exited" ? end.exitCode : null,
    outputDigest: digestOf(context.outputFile, from, end.outputBytes),
    outputTail: tailOf(end.tail + remarkOn(end), receiptTailBytes),
    at: end.startedAt,
    durationMs: end.endedAt - end.startedAt,
    ...trees,
    environment: environmentDigest(context.env),
  };
}

/** Equal where a check saw the same variables on the same kind of machine; the mark differs by attempt and is left out. */
function environmentDigest(added: Readonly<Record<string, string>>): string {
  const seen = childEnvironment({ source: process.env, added, mark: "" });
  delete seen[markVariable];
  delete seen[outerMarksVariable];
  const lines = Object.keys(seen)
    .sort()
    .map((name) => `${name}=${seen[name]}`);
  const text = [process.platform, process.arch, ...lines].join("\0");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Why there is no exit code, for whoever reads the tail to know what to mend. */
function remarkOn(end: ProcessEnd): string {
  if (end.cause === "timeout")
    return `\n[ended after ${end.endedAt - end.startedAt} ms: the check's timeout]\n`;
  if (end.cause === "aborted") return "\n[ended on request]\n";
  if (end.cause === "not-started") return `[not started: ${end.startFailure?.message ?? "unknown"}]\n`;
  return end.exitCode === null ? `\n[ended by ${end.exitSignal ?? "a signal"}]\n` : "";
}

/** The digest of what was printed, read back in pieces. */
function digestOf(file: string, from: number, bytes: number): string {
  const hash = createHash("sha256");
  if (bytes > 0) {
    const descriptor = openSync(file, "r");
    const buffer = Buffer.allocUnsafe(Math.min(bytes, digestChunkBytes));
    for (let done = 0; done < bytes; ) {
      const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, bytes - done), from + done);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
      done += read;
    }
    closeSync(descriptor);
  }
  return `sha256:${hash.digest("hex")}`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
