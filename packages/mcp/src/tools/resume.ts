/** `resume`: lets a run go on that was interrupted, or whose engine has died. */
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

/** @internal */
export const resumeTool: Tool = tool({
  name: "resume",
  title: "Continue a run",
  description: `Continues a run that was interrupted or whose engine has died, in a process of its own; returns at once. What has
ended is not run again. A run that goes on already, or has ended, is left alone.`,
  input: { run: z.string().optional().describe("Its id; the newest that has not ended when left out") },
  output: { runId: z.string(), log: z.string().nullable() },
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async call(project, { run }) {
    return project.verb(["resume", ...(run === undefined ? [] : [run]), "--detach"]);
  },
});
