import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentOutcome } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { claudeCode, type DecidePermission, type PermissionRequest } from "../src/index.ts";
import { fixture, isAlive, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

function run(onPermission: DecidePermission, context = newContext()): Promise<AgentOutcome> {
  const claude = claudeCode({ executable: fixture("asking-claude.mjs"), onPermission });
  return claude.run(agentTask({ description: "Touch it" }), context);
}

test("a use of a tool that is open is put to whoever decides, and goes on as allowed", async () => {
  const asked: PermissionRequest[] = [];
  const context = newContext();

  const outcome = await run((request) => {
    asked.push(request);
    return "allow";
  }, context);

  expect(asked).toMatchObject([
    {
      ...{ runId: "run-1", taskId: "task-1", attempt: 1, tool: "Bash", input: { command: "touch it" } },
      summary: "Bash (touch it)",
    },
  ]);
  expect(outcome).toMatchObject({
    type: "answered",
    output: JSON.stringify({ behavior: "allow", updatedInput: { command: "touch it" } }),
  });
  const heard = JSON.parse(readFileSync(join(context.workspace, "heard.json"), "utf8"));
  expect(heard.prompt.message.content).toContain("Touch it");
  expect(heard.unheard.response).toMatchObject({ subtype: "error", request_id: "r1" });
  expect(heard.response).toMatchObject({ subtype: "success", request_id: "r2" });
});

test.each<[string, DecidePermission, string]>([
  ["with words of its own", async () => ({ deny: "Not on a Sunday." }), "Not on a Sunday."],
  ["without", () => "deny", "This is not allowed here."],
  ["by failing", () => Promise.reject(new Error("asleep")), "Nobody could decide: asleep"],
  ["by saying what is no answer", () => true as never, "This is not allowed here."],
])("who decides denies %s", async (_, decide, message) => {
  expect(await run(decide)).toMatchObject({ output: JSON.stringify({ behavior: "deny", message }) });
});

test("an attempt that is stopped while somebody thinks ends at once, and that one hears of it", async () => {
  const controller = new AbortController();
  const context = newContext({ signal: controller.signal });
  let told: AbortSignal | undefined;
  const running = run(({ signal }) => {
    told = signal;
    return new Promise(() => {});
  }, context);
  await until(() => told !== undefined);

  controller.abort();

  expect(await running).toMatchObject({ type: "failed", reason: "ended on request" });
  expect(told?.aborted).toBe(true);
});

test("a program that is interrupted says what it used, also when it is stopped", async () => {
  const controller = new AbortController();
  const context = newContext({ signal: controller.signal });
  const claude = claudeCode({
    executable: fixture("troubled-claude.mjs"),
    env: { CLAUDE_FAKE: "interrupted" },
  });
  const running = claude.run(agentTask({ description: "The end." }), context);
  const said = (): string | undefined => context.reports.find(({ message }) => message)?.message;
  await until(() => said() !== undefined);

  controller.abort();

  expect(await running).toMatchObject({
    ...{ type: "failed", reason: "ended on request" },
    usage: { inputTokens: 100, outputTokens: 10, costUsd: 0.1 },
  });
  expect(isAlive(Number(said()))).toBe(false);
});
