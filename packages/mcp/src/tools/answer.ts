/** `approve` and `reject`: what a person has decided, passed on. */
import { answerApproval, thisUser } from "mai-orchestration-framework/cli";
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

const output = {
  runId: z.string(),
  taskId: z.string(),
  approved: z.boolean(),
  changed: z.boolean().describe("Whether it counted by this call; false when the same was said before"),
  phase: z.string(),
  verdict: z.string().nullable(),
};

/** @internal */
export const approveTool: Tool = answerTool(
  true,
  `Passes on a person's yes to a task that waits for it (phase \`approval-wait\`): it starts, or what it left counts as a
success. Only when the person has said so: it is not yours to decide. Saying it twice changes nothing.`,
);

/** @internal */
export const rejectTool: Tool = answerTool(
  false,
  `Passes on a person's no to a task that waits for a yes (phase \`approval-wait\`): one that has not started ends as blocked,
and what an attempt left counts as failed; the next attempt is told the note. Only when the person has said so.`,
);

function answerTool(approved: boolean, description: string): Tool {
  return tool({
    name: approved ? "approve" : "reject",
    title: approved ? "A person's yes" : "A person's no",
    description,
    input: {
      task: z.string(),
      run: z.string(),
      note: z.string().optional().describe("What the person said beside it"),
    },
    output,
    hints: { readOnlyHint: false, destructiveHint: !approved, idempotentHint: true },
    async call({ withStore }, { task, run, note }) {
      return withStore(async (store) => {
        const said = note?.trim() ?? "";
        const given = { taskId: task, run, approved, by: thisUser(), via: "mcp" };
        return { ...(await answerApproval(store, { ...given, note: said === "" ? null : said })) };
      });
    },
  });
}
