/** `why`: why a task is where it is. */
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

/** @internal */
export const whyTool: Tool = tool({
  name: "why",
  title: "Why a task is where it is",
  description: "Says why a task waits, failed, is blocked or was cancelled, with its newest events.",
  input: {
    task: z.string(),
    run: z.string().optional().describe("The newest that has not ended when left out"),
  },
  output: {
    runId: z.string(),
    taskId: z.string(),
    phase: z.string(),
    reasons: z.array(z.string()).describe("The most important first"),
    events: z.array(z.looseObject({ type: z.string() })),
  },
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  async call(project, { task, run }) {
    return project.verb(["why", task, ...(run === undefined ? [] : ["--run", run])]);
  },
});
