/** Receipts as files: one attempt's checks, and what they saw, for people to read and for `mai verify` to repeat. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDuration, type Receipt, type Work } from "mai-orchestration-core";
import type { ClaimRef } from "mai-orchestration-engine";
import { safeFileName } from "./safe-file-name.ts";
import { stateFolderName } from "./state-folder.ts";

/** The folder of a root with the receipts of every run. @internal */
export function receiptFolder(root: string): string {
  return join(root, stateFolderName, "receipts");
}

/** What is written of one attempt. */
interface ReceiptFile {
  readonly version: 1;
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly succeeded: boolean;
  readonly receipts: readonly Receipt[];
  readonly work: Work | null;
}

/** Writes `RUN/TASK/N.json` and `N.md` into a folder of receipts, each whole or not at all. @internal */
export async function writeReceipts(
  folder: string,
  { runId, taskId, attempt }: ClaimRef,
  found: Pick<ReceiptFile, "succeeded" | "receipts" | "work">,
): Promise<void> {
  const place = join(folder, safeFileName(runId), safeFileName(taskId));
  const file: ReceiptFile = { version: 1, runId, taskId, attempt, ...found };
  await mkdir(place, { recursive: true });
  await writeWhole(join(place, `${attempt}.json`), `${JSON.stringify(file, null, 2)}\n`);
  await writeWhole(join(place, `${attempt}.md`), pageOf(file));
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

function pageOf({ runId, taskId, attempt, succeeded, receipts, work }: ReceiptFile): string {
  const lines = [
    `# ${taskId}, attempt ${attempt}`,
    "",
    `- run: ${runId}`,
    `- ${succeeded ? "it succeeded" : "it did not succeed"}`,
    ...workLines(work),
    "",
  ];
  for (const receipt of receipts) lines.push(...receiptLines(receipt), "");
  return lines.join("\n");
}

function workLines(work: Work | null): string[] {
  if (work === null) return [];
  const { branch, salvage, commit, tree, base, files, insertions, deletions, doubts } = work;
  return [
    branch === null ? `- salvaged: ${salvage ?? "-"}` : `- branch: ${branch}`,
    `- commit: ${commit}`,
    `- tree: ${tree}`,
    `- base: ${base}`,
    `- change: ${files} files, +${insertions} -${deletions}`,
    ...doubts.map((doubt) => `- doubt: ${doubt}`),
  ];
}

function receiptLines(receipt: Receipt): string[] {
  const { command, passed, exitCode, durationMs, tree, treeChanged, outputDigest, environment } = receipt;
  const fence = "`".repeat(
    Math.max(3, ...[...receipt.outputTail.matchAll(/`+/g)].map(([run]) => run.length + 1)),
  );
  return [
    `## ${passed ? "passed" : "failed"}: ${command.replace(/\s+/g, " ")}`,
    "",
    `- exit code: ${exitCode ?? "none"}, after ${formatDuration(durationMs)}, at ${new Date(receipt.at).toISOString()}`,
    `- tree: ${tree ?? "none"}${treeChanged ? ", changed meanwhile: void" : ""}`,
    `- output: ${outputDigest}`,
    `- environment: ${environment ?? "unknown"}`,
    ...(receipt.failsOnBase === true ? ["- it fails on the base as well"] : []),
    "",
    fence,
    receipt.outputTail.trimEnd(),
    fence,
  ];
}
