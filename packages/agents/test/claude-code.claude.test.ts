/** What the backend makes of the real Claude Code: each option, against a scripted model. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type FarmTask, unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import {
  claudeEnvironment,
  claudeOrNull,
  type FakeModel,
  type FakeStep,
  script,
  startFakeModel,
} from "mai-orchestration-testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClaudeCodeOptions, claudeCodeAgent, type PermissionRequest } from "../src/index.ts";
import { temporaryFolder, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

const claude = await claudeOrNull();

const oneTurn = { inputTokens: 1000, outputTokens: 50, cacheReadTokens: 0, cacheWriteTokens: 0 };
const twoTurns = { ...oneTurn, inputTokens: 2000, outputTokens: 100 };

describe.skipIf(claude === null)("the real Claude Code", () => {
  let fake: FakeModel;

  beforeAll(async () => {
    fake = await startFakeModel();
  });
  afterAll(() => fake.close());

  interface Given {
    readonly options?: ClaudeCodeOptions;
    readonly task?: Partial<FarmTask>;
    readonly context?: ReturnType<typeof newContext>;
    readonly home?: string;
  }

  function run(steps: readonly FakeStep[], given: Given = {}): Promise<AgentOutcome> {
    const { options = {}, task = {}, context = newContext(), home = temporaryFolder() } = given;
    mkdirSync(home, { recursive: true });
    const agent = claudeCodeAgent({
      ...{ id: "claude", capabilities: ["research"], maxConcurrent: 1, model: "claude-sonnet-4-5" },
      ...options,
      executable: claude?.executable ?? "",
      env: claudeEnvironment(fake.url, home),
    });
    return agent.run(agentTask({ description: script(steps), ...task }), context);
  }

  describe("answers as data", () => {
    const outputSchema = {
      type: "object",
      properties: { n: { type: "number" } },
      required: ["n"],
    };
    const answer = (input: object): FakeStep => ({ tool: "StructuredOutput", input: { ...input } });

    test("by its own tool, also where it may only read", async () => {
      for (const profile of ["general-purpose", "explore"] as const)
        expect(await run([answer({ n: 3 })], { options: { profile }, task: { outputSchema } })).toMatchObject(
          {
            type: "answered",
            structuredOutput: { n: 3 },
            usage: oneTurn,
          },
        );
    });

    test("mended after it was told what was wrong", async () => {
      const outcome = await run([answer({ n: "no" }), answer({ n: 4 })], { task: { outputSchema } });

      expect(outcome).toMatchObject({ type: "answered", structuredOutput: { n: 4 }, usage: twoTurns });
    });

    test("never given, or wrong to the end, fails with what it used", async () => {
      const never = await run([{ text: "prose" }, { text: "more" }, { text: "and more" }], {
        task: { outputSchema },
      });
      expect(never).toMatchObject({
        type: "failed",
        kind: "task",
        reason: expect.stringContaining("is no JSON"),
      });
      expect(never.usage.inputTokens).toBeGreaterThanOrEqual(2000);

      const wrong = await run(Array(8).fill(answer({ n: "no" })), { task: { outputSchema } });
      expect(wrong).toMatchObject({
        type: "failed",
        kind: "task",
        reason: expect.stringMatching(/structured output/i),
      });
      expect(wrong.usage.inputTokens).toBe(5000);
    });

    test("that are no object come as its last message", async () => {
      const task = { outputSchema: { type: "array", items: { type: "number" } } };

      expect(await run([{ text: "[1, 2]" }], { task })).toMatchObject({ structuredOutput: [1, 2] });
      expect(await run([{ text: '["a"]' }], { task })).toMatchObject({ type: "failed", kind: "task" });
    });
  });

  test("what is open is put to whoever decides, and what that one denies is an issue", async () => {
    const asked: PermissionRequest[] = [];
    const context = newContext();
    const options: ClaudeCodeOptions = {
      allow: ["echo *"],
      onPermission(request) {
        asked.push(request);
        return request.input["command"] === "touch yes" ? "allow" : { deny: "Not this one." };
      },
    };
    const bash = (command: string): FakeStep => ({ tool: "Bash", input: { command, description: "d" } });

    const outcome = await run(
      [bash("echo free"), bash("touch yes"), bash("node -e 0 > no"), { text: "after" }],
      { options, context },
    );

    expect(outcome).toMatchObject({
      ...{ type: "answered", output: "after", issues: ["denied: Bash (node -e 0 > no)"] },
      usage: { inputTokens: 4000, outputTokens: 200 },
    });
    expect(asked.map(({ summary }) => summary)).toContain("Bash (node -e 0 > no)");
    expect(asked.map(({ summary }) => summary)).not.toContain("Bash (echo free)");
    expect(existsSync(join(context.workspace, "yes"))).toBe(true);
    expect(existsSync(join(context.workspace, "no"))).toBe(false);
  });

  test("one that only reads can be let write by whoever decides", async () => {
    const context = newContext();
    const path = join(context.workspace, "a.txt");
    const options: ClaudeCodeOptions = { permissions: "read-only", onPermission: () => "allow" };

    const outcome = await run(
      [{ tool: "Write", input: { file_path: path, content: "x" } }, { text: "done" }],
      {
        options,
        context,
      },
    );

    expect(outcome).toMatchObject({ type: "answered", artifacts: ["a.txt"] });
    expect(existsSync(path)).toBe(true);
  });

  test.each(["plain", "talking"])(
    "%s, it says what it used when it is stopped in the midst of a tool",
    async (how) => {
      const controller = new AbortController();
      const context = newContext({ signal: controller.signal });
      const options: ClaudeCodeOptions = how === "plain" ? { allow: ["*"] } : { onPermission: () => "allow" };
      const command = "touch begun; tail -f /dev/null";
      const running = run([{ tool: "Bash", input: { command, description: "d" } }], { options, context });
      await until(() => existsSync(join(context.workspace, "begun")));

      controller.abort();

      const outcome = await running;
      expect(outcome).toMatchObject({ type: "failed", reason: "ended on request" });
      // By signal it may exit before it has said so.
      const isSaid = how === "talking" || outcome.usage.inputTokens !== null;
      expect(outcome.usage).toMatchObject(isSaid ? oneTurn : unknownUsage);
    },
  );

  test("another model goes on for one that is overloaded, and that is an issue", async () => {
    const options = { fallbackModel: "claude-haiku-4-5", appendSystemPrompt: "--be brief" };

    const outcome = await run([{ error: 529, times: 3, text: "after all" }], { options });

    expect(outcome).toMatchObject({ type: "answered", output: "after all", usage: oneTurn });
    expect(outcome.issues).toContainEqual(expect.stringContaining("went on with the model claude-haiku-4-5"));
  });

  test("denied commands are not run although all are allowed, and only named tools are there", async () => {
    const context = newContext();
    const options: ClaudeCodeOptions = { allow: ["*"], deny: ["touch *"], tools: ["Bash", "Read"] };

    const outcome = await run(
      [{ tool: "Bash", input: { command: "touch no", description: "d" } }, { text: "after" }],
      { options, context },
    );

    expect(outcome).toMatchObject({ type: "answered", issues: ["denied: Bash (touch no)"] });
    expect(existsSync(join(context.workspace, "no"))).toBe(false);
    expect(fake.requests.at(-1)?.tools.toSorted()).toEqual(["Bash", "Read"]);
  });

  test("tasks begin from one session, each in a copy of its own, and cost only what they used", async () => {
    const home = temporaryFolder();
    const base = await run([{ text: "read" }], { home });
    const forkSession = base.sessionId ?? "";

    const first = await run([{ text: "one" }], { home, options: { forkSession } });
    const second = await run([{ text: "two" }], { home, options: { forkSession } });

    expect(new Set([base.sessionId, first.sessionId, second.sessionId]).size).toBe(3);
    expect(first).toMatchObject({ type: "answered", output: "one", usage: oneTurn });
    expect(second).toMatchObject({ type: "answered", output: "two", usage: oneTurn });
    expect(await run([{ text: "three" }], { options: { forkSession } })).toMatchObject({
      ...{ type: "failed", kind: "permanent" },
      reason: expect.stringContaining("is not on this machine"),
    });
  });
});
