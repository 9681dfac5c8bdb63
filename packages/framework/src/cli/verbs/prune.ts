/** `mai prune`: removes ended runs, their journal and their logs. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseDuration } from "mai-orchestration-core";
import { receiptFolder } from "../../execution/receipts.ts";
import { safeFileName } from "../../execution/safe-file-name.ts";
import { logFolder } from "../../execution/workplace.ts";
import { exitCode, type Flag, jsonFlag, storeFlag, usageError, type Verb } from "../command.ts";
import { withStore } from "../store/find-store.ts";
import { plural } from "../text/text.ts";

const olderFlag: Flag = {
  name: "older-than",
  value: "DURATION",
  summary: "how long ago they must have ended: 12h, 30d",
};

/** @internal */
export const verb: Verb = {
  usage: "prune --older-than DURATION",
  args: [0, 0],
  flags: [olderFlag, jsonFlag, storeFlag],
  details: `Removes runs that ended that long ago, with their events, logs, receipts and patches, and those of their branches that are
merged into HEAD. Runs that have not ended stay, and so does salvaged work and every branch with work of its own.`,
  examples: [["mai prune --older-than 30d", "what ended more than a month ago"]],
  async run(words, io) {
    const text = words.value("older-than");
    if (text === undefined) throw usageError("prune needs --older-than, such as --older-than 30d", "prune");
    const olderMs = parseDuration(text);
    if (olderMs === undefined)
      throw usageError(
        `--older-than must be a duration such as 12h or 30d, not ${JSON.stringify(text)}`,
        "prune",
      );
    return withStore(words, io, async (store) => {
      const roots = new Map((await store.runs()).map((run) => [run.runId, run.root]));
      const removed = await store.prune(io.now() - olderMs);
      // The rows first: logs without a run are only waste, a run without its logs is a riddle.
      const branches: string[] = [];
      for (const runId of removed) branches.push(...(await removeFiles(roots.get(runId) ?? "", runId)));
      const kept =
        branches.length === 0
          ? ""
          : `; kept ${branches.length === 1 ? "1 branch" : `${branches.length} branches`} with work of its own`;
      io.stdout.write(
        words.has("json")
          ? `${JSON.stringify({ removed, branches })}\n`
          : `removed ${plural(removed.length, "run")}${kept}\n`,
      );
      return exitCode.succeeded;
    });
  },
};

/** What files and git have of a run; the branches that stay. */
async function removeFiles(root: string, runId: string): Promise<readonly string[]> {
  if (root === "") return [];
  const { createGit, pruneRun } = await import("mai-orchestration-agents");
  const { git, close } = createGit();
  try {
    for (const folder of [logFolder(root), receiptFolder(root)])
      await rm(join(folder, safeFileName(runId)), { recursive: true, force: true });
    return await pruneRun(git, root, runId);
  } finally {
    close();
  }
}
