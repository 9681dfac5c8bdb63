import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MockLanguageModelV4 } from "ai/test";
import { isMaiError, noUsage, unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import { type FakeStep, script, startFakeModel } from "mai-orchestration-testkit";
import { expect, onTestFinished, test } from "vitest";
import { backendAgent, type ModelOptions, model } from "../src/index.ts";
import { temporaryFolder, until } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

type Context = ReturnType<typeof newContext>;
type Options = Omit<ModelOptions, "model">;

interface Done {
  readonly outcome: AgentOutcome;
  readonly context: Context;
  /** What the tools answered the model, in order. */
  readonly told: readonly string[];
}

const used = {
  inputTokens: { total: 100, noCache: 70, cacheRead: 20, cacheWrite: 10 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};

/** A model that makes these calls, a turn each, and then says "done". */
async function calling(
  calls: readonly (readonly [tool: string, input: object])[],
  options: Options = {},
  context: Context = newContext(),
): Promise<Done> {
  let turn = 0;
  const mock = new MockLanguageModelV4({
    doStream: async () => {
      const call = calls[turn++];
      return streamOf(call === undefined ? said("done") : called(turn, ...call));
    },
  });
  const outcome = await model({ ...options, model: mock }).run(agentTask({}), context);
  const results = mock.doStreamCalls.at(-1)?.prompt.filter(({ role }) => role === "tool") ?? [];
  const told = results.flatMap(({ content }) =>
    (content as { output?: { value?: unknown } }[]).map(({ output }) =>
      String(output?.value).replace("Error: ", ""),
    ),
  );
  return { outcome, context, told };
}

function streamOf(parts: Parts): { readonly stream: ReadableStream } {
  const start = (to: ReadableStreamDefaultController): void => {
    for (const part of parts) to.enqueue(part);
    to.close();
  };
  return { stream: new ReadableStream({ start }) };
}

type Parts = Parameters<ReadableStreamDefaultController["enqueue"]>[0][];

function said(text: string): Parts {
  return [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: text },
    { type: "text-end", id: "1" },
    { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage: used },
  ];
}

function called(turn: number, toolName: string, input: object): Parts {
  return [
    { type: "stream-start", warnings: [] },
    { type: "tool-call", toolCallId: `c${turn}`, toolName, input: JSON.stringify(input) },
    { type: "finish", finishReason: { unified: "tool-calls", raw: "tool_use" }, usage: used },
  ];
}

test("a task is done with tools, its files named, its turns' usage added up by class", async () => {
  const { outcome, context, told } = await calling([
    ["write_file", { path: "src/a.txt", content: "one\ntwo\n" }],
    ["edit_file", { path: "src/a.txt", old: "two", new: "three" }],
    ["read_file", { path: "src/a.txt", from: 2 }],
    ["list_folder", { path: "." }],
    ["search_text", { text: "thr" }],
  ]);

  const usage = {
    inputTokens: 420,
    outputTokens: 30,
    cacheReadTokens: 120,
    cacheWriteTokens: 60,
    costUsd: null,
  };
  expect(outcome).toEqual({
    type: "answered",
    output: "done",
    artifacts: ["src/a.txt"],
    usage,
    models: { "mock-model-id": usage },
  });
  expect(readFileSync(join(context.workspace, "src/a.txt"), "utf8")).toBe("one\nthree\n");
  expect(told.slice(2)).toEqual(["2\tthree", "src/", "src/a.txt:2: three"]);
  expect(context.reports).toContainEqual({ message: "write_file (src/a.txt)" });
  expect(readFileSync(context.outputFile, "utf8")).toContain("> edit_file (src/a.txt)\n");
});

test("nothing outside of the workspace is read or written, by whatever way", async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, "secret"), "secret");
  const context = newContext();
  const { workspace } = context;
  symlinkSync(outside, join(workspace, "link"));
  symlinkSync(join(outside, "new"), join(workspace, "dangling"));
  symlinkSync(join(outside, "secret"), join(workspace, "secret"));
  mkdirSync(join(workspace, ".git"));
  const content = "x";

  const { outcome, told } = await calling(
    [
      ["read_file", { path: "../secret" }],
      ["read_file", { path: join(outside, "secret") }],
      ["read_file", { path: "link/secret" }],
      ["read_file", { path: "secret" }],
      ["list_folder", { path: "link" }],
      ["search_text", { text: "secret", path: "link" }],
      ["write_file", { path: "link/new", content }],
      ["write_file", { path: "dangling", content }],
      ["write_file", { path: "dangling/new", content }],
      ["write_file", { path: "secret", content }],
      ["write_file", { path: "a/../../new", content }],
      ["write_file", { path: ".git/hooks/pre-commit", content }],
      ["edit_file", { path: ".GIT/config", old: "a", new: "b" }],
      ["write_file", { path: "a\0b", content }],
      ["search_text", { text: "secret" }],
    ],
    {},
    context,
  );

  expect(outcome.type).toBe("answered");
  expect(outcome.issues).toHaveLength(14);
  expect(told.join("\n")).not.toContain("secret:1");
  expect(told.at(-1)).toBe("(not found)");
  expect(existsSync(join(outside, "new"))).toBe(false);
  expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
  expect(outcome.issues?.[0]).toBe("denied: read_file (../secret): ../secret is outside the workspace");
});

test("what is no text, no file or not there is told to the model", async () => {
  const context = newContext();
  writeFileSync(join(context.workspace, "binary"), Buffer.from([1, 0, 2]));
  writeFileSync(join(context.workspace, "twice"), "a a");

  const { told } = await calling(
    [
      ["read_file", { path: "binary" }],
      ["read_file", { path: "none" }],
      ["read_file", { path: "." }],
      ["list_folder", { path: "twice" }],
      ["edit_file", { path: "twice", old: "a", new: "b" }],
      ["edit_file", { path: "twice", old: "c", new: "b" }],
    ],
    {},
    context,
  );

  expect(told).toEqual([
    "binary is no text",
    "none does not exist",
    ". is no file",
    "twice is no folder",
    "the text to replace stands in twice more than once",
    "the text to replace is not in twice",
  ]);
});

test("an explorer is offered nothing that writes, and a shell only where something may be run", async () => {
  const offered = async (options: Options): Promise<string[]> => {
    const mock = new MockLanguageModelV4({
      doStream: async () => streamOf(said("done")),
    });
    await model({ ...options, model: mock }).run(agentTask({}), newContext());
    return (mock.doStreamCalls[0]?.tools ?? []).map(({ name }) => name).sort();
  };

  expect(await offered({ profile: "explore" })).toEqual(["list_folder", "read_file", "search_text"]);
  expect(await offered({ permissions: "read-only" })).not.toContain("write_file");
  expect(await offered({})).toEqual(["edit_file", "list_folder", "read_file", "search_text", "write_file"]);
  expect(await offered({ profile: "bash", allow: ["npm test"] })).toEqual(["run_command"]);
});

test.each([
  ["echo ok", ["echo *"], true],
  ["echo", ["echo *"], true],
  ["echo  ok", ["echo ok"], true],
  ["echoes", ["echo *"], false],
  ["echo ok more", ["echo ok"], false],
  ["echo ok; touch x", ["echo *"], false],
  ["echo ok && touch x", ["echo *"], false],
  ["echo $(touch x)", ["echo *"], false],
  ["echo `touch x`", ["echo *"], false],
  ["echo ok > x", ["echo *"], false],
  ["echo ok\ntouch x", ["echo *"], false],
  ["echo ok && echo more", ["*"], true],
])("the command %j with %j allowed: %s", async (command, allow, isRun) => {
  const { outcome, told, context } = await calling([["run_command", { command }]], { allow });

  expect(told[0]).toMatch(isRun ? /\(exit code 0\)$/ : /^this command is not allowed here$/);
  expect(outcome.issues ?? []).toHaveLength(isRun ? 0 : 1);
  expect(existsSync(join(context.workspace, "x"))).toBe(false);
});

test("whoever decides is asked for what is open, also when that one never answers", async () => {
  const asked: string[] = [];
  const options: Options = {
    allow: ["echo *"],
    onPermission: ({ summary, input }) => {
      asked.push(summary);
      return input["command"] === "printf yes" ? "allow" : { deny: "Not now." };
    },
  };
  const { told } = await calling(
    [
      ["run_command", { command: "echo first" }],
      ["run_command", { command: "printf yes" }],
      ["run_command", { command: "printf no" }],
    ],
    options,
  );
  expect(told).toEqual(["first\n\n(exit code 0)", "yes\n(exit code 0)", "Not now."]);
  expect(asked).toEqual(["run_command (printf yes)", "run_command (printf no)"]);

  const controller = new AbortController();
  let isAsked = false;
  const never = (): Promise<never> => {
    isAsked = true;
    return new Promise(() => {});
  };
  const running = calling(
    [["run_command", { command: "true" }]],
    { onPermission: never },
    newContext({ signal: controller.signal }),
  );
  await until(() => isAsked);
  controller.abort();
  expect((await running).outcome).toMatchObject({ type: "failed", reason: "ended on request" });
});

test("a model that comes to no end is stopped after its turns, and what they used is known", async () => {
  const calls = Array(9).fill(["list_folder", { path: "." }]);

  expect((await calling(calls, { maxTurns: 2 })).outcome).toMatchObject({
    ...{ type: "failed", kind: "task", reason: "not done after 2 turns of the model" },
    usage: { inputTokens: 140, outputTokens: 10 },
  });
});

test.each([
  [{ statusCode: 429, responseHeaders: { "retry-after": "3600" } }, "quota", 3_600_000],
  [{ statusCode: 403 }, "login", null],
  [{ statusCode: 404 }, "permanent", null],
  [{ statusCode: 500 }, "transient", null],
  [{ name: "AI_LoadAPIKeyError" }, "login", null],
  [{ name: "AI_NoSuchModelError" }, "permanent", null],
  [{}, "transient", null],
])("a service that fails with %j ends as %s", async (error, kind, waitMs) => {
  const mock = new MockLanguageModelV4({
    doStream: async () => {
      throw Object.assign(new Error("no\nway"), error);
    },
  });
  const before = Date.now();

  const outcome = await model({ model: mock }).run(agentTask({}), newContext());

  expect(outcome).toMatchObject({ type: "failed", kind, reason: expect.stringMatching(/^no way/) });
  expect(outcome.usage).toEqual(kind === "transient" && !("statusCode" in error) ? unknownUsage : noUsage);
  const retryAt = outcome.type === "failed" ? (outcome.retryAt ?? null) : null;
  if (waitMs === null) expect(retryAt).toBeNull();
  else expect(retryAt).toBeGreaterThanOrEqual(before + waitMs);
});

async function asking(
  provider: string,
  steps: readonly FakeStep[],
  more: object = {},
): Promise<AgentOutcome> {
  const fake = await startFakeModel();
  onTestFinished(() => fake.close());
  process.env["TEST_MODEL_KEY"] = "key";
  const prose = model({ model: provider, baseUrl: `${fake.url}/v1`, apiKeyVariable: "TEST_MODEL_KEY" });
  const agent = backendAgent({ id: "m", capabilities: ["research"], maxConcurrent: 1, prose });
  return agent.run(agentTask({ description: script(steps), ...more }), newContext());
}

test.each(["anthropic/claude-sonnet-4-5", "openai-compatible/some-model"])(
  "%s is found by its provider's name, and its usage is that of the wire",
  async (provider) => {
    const write = { tool: "write_file", input: { path: "a", content: "x" }, usage: { input: 7, output: 3 } };

    expect(
      await asking(provider, [write, { text: "done", usage: { input: 11, output: 2, cacheRead: 4 } }]),
    ).toMatchObject({
      ...{ type: "answered", output: "done", artifacts: ["a"] },
      usage: { inputTokens: provider.startsWith("anthropic") ? 18 : 14, outputTokens: 5, cacheReadTokens: 4 },
    });
  },
);

test("an answer that is to be data is asked for in the prompt, and checked", async () => {
  const outputSchema = { type: "object", required: ["n"] };

  expect(await asking("anthropic/claude-sonnet-4-5", [{ text: '{"n":1}' }], { outputSchema })).toMatchObject({
    structuredOutput: { n: 1 },
  });
  expect(await asking("anthropic/claude-sonnet-4-5", [{ text: "One." }], { outputSchema })).toMatchObject({
    ...{ type: "failed", kind: "task", output: "One." },
    usage: { inputTokens: 1000 },
  });
});

test("a provider that is not installed is named with the command that installs it", async () => {
  expect(await model({ model: "never-heard-of/x" }).run(agentTask({}), newContext())).toMatchObject({
    ...{ type: "failed", kind: "permanent", usage: noUsage },
    reason: "@ai-sdk/never-heard-of is not installed; install it with: npm install ai @ai-sdk/never-heard-of",
  });
});

test("a provider's package that only the project has is loaded from there", async () => {
  const root = temporaryFolder();
  const folder = join(root, "node_modules", "@ai-sdk", "homegrown");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "exports": "./index.js" }');
  writeFileSync(
    join(folder, "index.js"),
    "export const createHomegrown = () => (id) => { throw Error('asked for ' + id); };",
  );

  expect(await model({ model: "homegrown/a/b" }).run(agentTask({}), newContext({ root }))).toMatchObject({
    reason: "asked for a/b",
  });
});

test.each<ModelOptions>([
  { model: "claude" },
  { model: "../x/y" },
  { model: {} as never },
  { model: "openai-compatible/x" },
  { model: "anthropic/x", baseUrl: "file:///etc/passwd" },
  { model: "anthropic/x", apiKeyVariable: "A B" },
  { model: "anthropic/x", maxTurns: 0 },
  { model: "anthropic/x", allow: [" "] },
  { model: "anthropic/x", permissions: "all" as never },
  { model: "anthropic/x", permissions: "full", onPermission: () => "allow" },
  { model: "anthropic/x", appendSystemPrompt: "" },
  { model: new MockLanguageModelV4(), baseUrl: "http://localhost" },
])("%o is refused", (options) => {
  let code: string | null = null;
  try {
    model(options);
  } catch (error) {
    code = isMaiError(error) ? error.code : null;
  }

  expect(code).toBe("agent.invalid");
});
