/** `cancel`: ends a run, or one task of it. */
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

/** @internal */
export const cancelTool: Tool = tool({
  name: "cancel",
  title: "Cancel a run or a task",
  description: `Cancels a run, or one task of it and what depends on that. Waits some seconds for the death of what runs: a task in
\`running\` is asked to stop and not dead yet. Cancelling twice, or what has ended, changes nothing.`,
  input: { run: z.string(), task: z.string().optional() },
  output: {
    runId: z.string().nullable(),
    ended: z.array(z.string()),
    running: z.array(z.string()).describe("Still being ended"),
  },
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  async call(project, { run, task }) {
    return project.verb(["cancel", ...(task === undefined ? [] : [task]), "--run", run]);
  },
});
