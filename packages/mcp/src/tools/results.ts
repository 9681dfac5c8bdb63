/** `results`: what ended, each task once, page by page. */
import { resultOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { findRun, judgedTasks, stateOf } from "mai-orchestration-framework/cli";
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

const ends: ReadonlySet<string> = new Set([
  "task.succeeded",
  "task.failed",
  "task.blocked",
  "task.cancelled",
]);
const journalPage = 1_000;

const result = z.looseObject({
  taskId: z.string(),
  status: z.enum(["success", "failure", "blocked"]),
  verdict: z.string(),
  attempts: z.number(),
  output: z.string(),
  cut: z.boolean().describe("Whether the output is longer; all of it is in outputFile, when there is one"),
});

/** @internal */
export const resultsTool: Tool = tool({
  name: "results",
  title: "What ended, and how",
  description: `Gives the results of a run in the order in which its tasks ended. Pass \`next\` of the last answer as \`after\` to get
what ended since, so that each result comes once; leave \`after\` out to begin again. \`open\` tasks have no result yet.`,
  input: {
    run: z
      .string()
      .optional()
      .describe("Its id; the newest that has not ended, else the newest, when left out"),
    after: z.number().int().min(0).optional(),
    limit: z.number().int().min(1).max(100).optional().describe("Results at most; 20 when left out"),
    output_chars: z
      .number()
      .int()
      .min(0)
      .max(64_000)
      .optional()
      .describe("Of each output; 2,000 when left out"),
  },
  output: {
    runId: z.string(),
    state: z.string(),
    results: z.array(result),
    next: z.number().describe("For `after`"),
    more: z.boolean().describe("Whether further results are there already"),
    open: z.number(),
  },
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  async call({ withStore }, { run: name, after = 0, limit = 20, output_chars = 2_000 }) {
    return withStore(async (store) => {
      const run = await findRun(store, name);
      const page = await endedAfter(store, run, after, limit);
      const tasks = await store.tasks({ runId: run.runId, taskIds: page.taskIds });
      const judged = new Map((await judgedTasks(store, run, tasks)).map((task) => [task.spec.taskId, task]));
      const { total, phases } = await store.counts(run.runId);
      return {
        runId: run.runId,
        state: stateOf(run),
        results: page.taskIds.flatMap((id) => plain(judged.get(id), output_chars)),
        next: page.next,
        more: page.more,
        open: total - (phases.ended ?? 0),
      };
    });
  },
});

interface Page {
  readonly taskIds: readonly string[];
  readonly next: number;
  readonly more: boolean;
}

async function endedAfter(store: Store, run: RunRecord, after: number, limit: number): Promise<Page> {
  const taskIds = new Set<string>();
  let next = Math.max(after, run.firstSeq - 1);
  for (;;) {
    const entries = await store.journal(next, { runId: run.runId, limit: journalPage });
    for (const { seq, type, taskId } of entries) {
      if (taskId !== undefined && ends.has(type)) {
        if (taskIds.size === limit) return { taskIds: [...taskIds], next, more: true };
        taskIds.add(taskId);
      }
      next = seq;
    }
    if (entries.length < journalPage) return { taskIds: [...taskIds], next, more: false };
  }
}

/** A task that was opened again meanwhile has no result. */
function plain(task: TaskState | undefined, outputChars: number): z.output<typeof result>[] {
  if (task === undefined || task.end === null) return [];
  const { output, usage: _, receipts = [], verdict = "unverified", attempts = 0, ...rest } = resultOf(task);
  const checks = receipts.map(({ command, passed, exitCode }) => ({ command, passed, exitCode }));
  const shown = output.slice(0, outputChars).toWellFormed();
  return [{ ...rest, verdict, attempts, output: shown, cut: shown.length < output.length, checks }];
}
