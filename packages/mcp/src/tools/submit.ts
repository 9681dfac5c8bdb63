/** `submit`: starts a run in a process of its own. */
import { MaiError } from "mai-orchestration-core/errors";
import { z } from "zod";
import { type Tool, tool } from "./tool.ts";

const task = z.looseObject({
  id: z.string().describe("Unique in the run; letters, digits, . _ -"),
  type: z.enum(["implementation", "test", "review", "research"]),
  description: z.string().describe("What is wanted, complete: the agent knows nothing of this conversation"),
  success_criteria: z.string(),
  command: z.string().optional().describe("A shell command that does the task, without any model"),
  depends_on: z.array(z.string()).optional(),
  verify: z
    .array(z.union([z.string(), z.looseObject({ command: z.string() })]))
    .optional()
    .describe("Commands that prove the success criteria; without any the result stays unverified"),
  context: z.array(z.string()).optional().describe("Files and folders worth reading"),
  constraints: z.array(z.string()).optional(),
  agent: z.string().optional(),
  priority: z.enum(["high", "normal", "low"]).optional(),
  timeout: z.string().optional().describe("Of one attempt: 90s, 10m"),
});

/** @internal */
export const submitTool: Tool = tool({
  name: "submit",
  title: "Start a run",
  description: `Starts tasks, or a plan's file, as a run that goes on by itself; returns its id at once. Choose a key for the work
and repeat it whenever it is not certain that the call went through: the same key with the same tasks is the same run, started
once, and continued if its engine has died. Then ask \`status\` and \`results\`.`,
  input: {
    key: z.string().min(1).max(200).describe("Names this work, such as migrate-api-1"),
    tasks: z.array(task).min(1).optional(),
    plan_file: z
      .string()
      .optional()
      .describe("Instead of tasks: a plan (YAML or JSON), relative to the project"),
    name: z.string().optional().describe("Of the run, for people"),
    parallel: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe("Attempts at once; as many as the agents allow when left out"),
    fail_fast: z.boolean().optional().describe("Cancel the rest when the first task fails"),
    timeout: z.string().optional().describe("Of the whole run: 2h"),
  },
  output: {
    runId: z.string(),
    log: z.string().nullable().describe("What its engine prints"),
  },
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async call(project, { key, tasks, plan_file, name, parallel, fail_fast, timeout }) {
    if ((tasks === undefined) === (plan_file === undefined))
      throw new MaiError("cli.usage", "Give either tasks or plan_file", {
        hint: "tasks for work made up now, plan_file for a plan that is in the project.",
      });
    const plan = tasks === undefined ? "" : JSON.stringify({ version: 1, ...(name && { name }), tasks });
    const flags = [
      ...(parallel === undefined ? [] : ["--parallel", String(parallel)]),
      ...(timeout === undefined ? [] : ["--timeout", timeout]),
      ...(fail_fast === true ? ["--fail-fast"] : []),
    ];
    return project.verb(["run", plan_file ?? "-", "--detach", "--key", key, ...flags], plan);
  },
});
