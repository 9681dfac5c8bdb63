import { readFileSync } from "node:fs";
import { noUsage } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { commandAgent } from "../src/index.ts";
import { isAlive, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

const agent = commandAgent({
  id: "bash",
  capabilities: ["test"],
  maxConcurrent: 3,
  env: { FROM_AGENT: "agent", BOTH: "agent" },
});

test("a command that exits with 0 is an answer, with what it printed and without a cost", async () => {
  const context = newContext();

  const outcome = await agent.run(agentTask({ command: "echo out; echo err >&2; pwd" }), context);

  expect(outcome).toEqual({ type: "answered", output: `out\nerr\n${context.workspace}\n`, usage: noUsage });
  expect(readFileSync(context.outputFile, "utf8")).toBe(outcome.output);
});

test("another exit code is a failure of the task, with the last line as its reason", async () => {
  const outcome = await agent.run(
    agentTask({ command: "echo first; printf '\\033[31mno such thing\\033[0m\\n\\n'; exit 2" }),
    newContext(),
  );

  expect(outcome).toMatchObject({ type: "failed", kind: "task", reason: "exit code 2: no such thing" });
});

test("a command that is killed says by what", async () => {
  expect(await agent.run(agentTask({ command: "kill -9 $$" }), newContext())).toMatchObject({
    kind: "task",
    reason: "ended by SIGKILL",
  });
});

test("of much output the last 64 KB are the answer", async () => {
  const outcome = await agent.run(agentTask({ command: "seq 1 100000" }), newContext());

  expect(outcome.output.length).toBe(64 * 1024);
  expect(outcome.output.endsWith("99999\n100000\n")).toBe(true);
});

test("a workspace that is missing is permanent", async () => {
  const outcome = await agent.run(
    agentTask({ command: "true" }),
    newContext({ workspace: "/nowhere/at/all" }),
  );

  expect(outcome).toMatchObject({
    type: "failed",
    kind: "permanent",
    reason: "the directory /nowhere/at/all does not exist",
  });
});

test("a task's variables come on top of the agent's", async () => {
  const task = agentTask({
    command: 'echo "$FROM_AGENT $BOTH $FROM_TASK"',
    env: { BOTH: "task", FROM_TASK: "task" },
  });

  expect((await agent.run(task, newContext())).output).toBe("agent task task\n");
});

test("what a command prints is reported as a sign of life; its silence is the engine's to judge", async () => {
  const context = newContext();

  const outcome = await agent.run(agentTask({ command: "echo x; sleep 0.5", idleTimeout: 100 }), context);

  expect(outcome.type).toBe("answered");
  expect(context.reports).toContainEqual({});
});

test("an abort settles with no process left", async () => {
  const controller = new AbortController();
  const context = newContext({ signal: controller.signal });
  const running = agent.run(agentTask({ command: "echo $$; sleep 300" }), context);
  const said = (): string | undefined =>
    context.reports.find(({ message }) => message !== undefined)?.message;
  await until(() => said() !== undefined);

  controller.abort();

  expect(await running).toMatchObject({ type: "failed", reason: "ended on request" });
  expect(isAlive(Number(said()))).toBe(false);
});

test("a command gets one attempt unless it says otherwise", () => {
  expect(agent.maxAttemptsFor(agentTask({ command: "true" }).task)).toBe(1);
});
