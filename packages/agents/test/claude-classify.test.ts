import { readFileSync } from "node:fs";
import { noUsage, unknownUsage } from "mai-orchestration-core";
import { expect, test } from "vitest";
import { type ClaudeEnd, classify } from "../src/claude-code/classify.ts";
import { type ClaudeStream, emptyStream } from "../src/claude-code/stream.ts";
import { foldLine, reportOf } from "./claude-stream-support.ts";
import { fixture } from "./helpers.ts";

function linesOf(recording: string): string[] {
  return readFileSync(fixture(`claude/${recording}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");
}

function streamOf(recording: string, resumed = false): ClaudeStream {
  return linesOf(recording).reduce(foldLine, emptyStream(resumed));
}

function exited(exitCode: number | null, more: Partial<ClaudeEnd> = {}): ClaudeEnd {
  return { cause: "exited", exitCode, exitSignal: null, startFailure: null, endedAt: 1_000_000, ...more };
}

const oneCall = {
  inputTokens: 1000,
  outputTokens: 50,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.005,
};
const twoCalls = {
  inputTokens: 2000,
  outputTokens: 100,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.01,
};

test("exit code 0 with a result that is no error is an answer, with its session and usage", () => {
  expect(classify(exited(0), streamOf("allowed"))).toEqual({
    type: "answered",
    output: "after",
    usage: twoCalls,
    models: { "claude-opus-5-5": twoCalls },
    sessionId: "e466d4f8-b24c-4e89-80f6-9dd39a0a4985",
  });
});

test("each denial is an issue, and fails nothing", () => {
  expect(classify(exited(0), streamOf("denied"))).toMatchObject({
    type: "answered",
    issues: ["denied: Bash (touch denied.txt)"],
  });
  expect(classify(exited(0), streamOf("acceptOutside"))).toMatchObject({
    issues: ["denied: Write (/home/user/project)"],
  });
});

test("a denial is told once, and also when no result line came", () => {
  const cutShort = linesOf("denied")
    .filter((line) => !line.includes('"type":"result"'))
    .reduce(foldLine, emptyStream(false));

  expect(classify(exited(143), cutShort)).toMatchObject({
    type: "failed",
    issues: ["denied: Bash (touch denied.txt)"],
  });
});

test.each([
  ["e400", "permanent", "API Error: 400 fake 400"],
  [
    "e401",
    "login",
    /^Failed to authenticate. API Error: 401 fake 401; log in \(run claude, then \/login\) or set ANTHROPIC_API_KEY$/,
  ],
  ["e429all", "quota", "API Error: Request rejected (429) · fake 429"],
  ["e500", "transient", /^API Error: 500 fake 500/],
  ["e529", "transient", /Repeated 529 Overloaded errors/],
  ["refused", "transient", /Connection refused/],
  ["cut", "transient", /Connection dropped/],
  ["lowtimeout", "transient", /Request timed out/],
  ["maxturns", "task", "Reached maximum number of turns (2)"],
  ["budget", "task", "Reached maximum budget ($0.5)"],
] as const)("%s fails as %s", (recording, kind, reason) => {
  expect(classify(exited(1), streamOf(recording))).toMatchObject({
    type: "failed",
    kind,
    reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
  });
});

test("an interruption is transient although the program exits with 0", () => {
  expect(classify(exited(0), streamOf("sigint"))).toMatchObject({
    type: "failed",
    kind: "transient",
    usage: oneCall,
  });
});

test("an end by a signal without a result is transient, and its usage is unknown", () => {
  const sigterm = streamOf("sigterm");

  expect(classify(exited(143), sigterm)).toMatchObject({
    type: "failed",
    kind: "transient",
    usage: unknownUsage,
  });
  expect(classify(exited(null, { exitSignal: "SIGKILL" }), sigterm)).toMatchObject({
    kind: "transient",
    reason: "Claude Code ended without a result (SIGKILL)",
    sessionId: sigterm.sessionId,
  });
});

test("an exit code other than 0 after a good result is no success", () => {
  expect(classify(exited(1), streamOf("allowed"))).toMatchObject({ type: "failed", kind: "transient" });
});

test("a program that had to be ended after its result has answered", () => {
  expect(classify(exited(143, { cause: "done" }), streamOf("bgdone"))).toMatchObject({
    type: "answered",
    output: "after",
  });
});

test("a response that safeguards stopped is an issue of an answer", () => {
  expect(classify(exited(0), streamOf("refusal"))).toMatchObject({
    type: "answered",
    issues: ["the model's safeguards stopped a response"],
  });
});

test("a result that is a refusal is permanent", () => {
  const line = JSON.stringify({
    type: "result",
    subtype: "success",
    is_error: false,
    stop_reason: "refusal",
    result: "no",
  });

  expect(classify(exited(0), foldLine(emptyStream(false), line))).toMatchObject({
    type: "failed",
    kind: "permanent",
    output: "no",
  });
});

test("retries that Claude Code made by itself are told", () => {
  expect(classify(exited(0), streamOf("e429once"))).toMatchObject({
    type: "answered",
    issues: ["Claude Code retried 2 requests to its model"],
  });
});

test("a resumed session's cost is that of this attempt, not of the whole session", () => {
  expect(streamOf("resume", true).usage).toEqual(oneCall);
});

test("without the newer field a resumed session's cost is unknown, and its tokens are those of the turn", () => {
  const older = linesOf("resume").map((line) => {
    const { model_usage_since_last_result: _, ...rest } = JSON.parse(line);
    return JSON.stringify(rest);
  });

  expect(older.reduce(foldLine, emptyStream(true)).usage).toEqual({ ...oneCall, costUsd: null });
  expect(older.reduce(foldLine, emptyStream(false)).usage).toMatchObject({
    inputTokens: 3000,
    costUsd: 0.015,
  });
});

test("sub-agents count, and a budget that ended the work does not hide what was spent", () => {
  expect(streamOf("agents").usage).toMatchObject({ inputTokens: 4000, outputTokens: 200, costUsd: 0.02 });
  expect(streamOf("budget").usage).toMatchObject({ inputTokens: 900_000, costUsd: 5.4 });
});

test("the usage of a request that broke off is unknown, that of one refused outright is nothing", () => {
  expect(streamOf("cut").usage).toEqual(unknownUsage);
  expect(streamOf("lowtimeout").usage).toEqual(unknownUsage);
  expect(streamOf("e401").usage).toEqual(noUsage);
});

test("two results of one attempt are added up", () => {
  const twice = [...linesOf("resume"), ...linesOf("resume")];

  expect(twice.reduce(foldLine, emptyStream(true)).usage).toEqual(twoCalls);
});

function failedWith(result: object, before: readonly object[] = []): unknown {
  const lines = [
    ...before,
    { type: "result", subtype: "success", is_error: true, terminal_reason: "api_error", ...result },
  ];
  return classify(exited(1), lines.map((line) => JSON.stringify(line)).reduce(foldLine, emptyStream(false)));
}

test("a usage limit is a quota, with the time at which it opens where it was said", () => {
  const limit = {
    type: "rate_limit_event",
    rate_limit_info: { status: "rejected", resetsAt: 1_771_390_800 },
  };

  expect(
    failedWith({ api_error_status: 429, result: "You've hit your session limit" }, [limit]),
  ).toMatchObject({
    kind: "quota",
    retryAt: 1_771_390_800_000,
  });
  expect(
    failedWith({ api_error_status: null, result: "Claude AI usage limit reached|1771390800" }),
  ).toMatchObject({
    kind: "quota",
    retryAt: 1_771_390_800_000,
  });
  expect(
    failedWith({ api_error_status: 429, result: "You've hit your weekly limit · resets 3pm" }),
  ).not.toHaveProperty("retryAt");
  expect(failedWith({ api_error_status: 400, result: "Your credit balance is too low" })).toMatchObject({
    kind: "quota",
  });
});

test("a rate limit that outlasted the program's retries is tried again a minute later", () => {
  expect(classify(exited(1), streamOf("e429all"))).toMatchObject({ kind: "quota", retryAt: 1_060_000 });
});

test("nobody logged in is a login, and certainly used nothing", () => {
  expect(failedWith({ api_error_status: null, result: "Not logged in · Please run /login" })).toMatchObject({
    kind: "login",
    usage: noUsage,
  });
});

test("a session that is gone fails the attempt and nothing more", () => {
  const line =
    '{"type":"result","subtype":"error_during_execution","is_error":true,"errors":["No conversation found with session ID: 1"]}';

  expect(classify(exited(1), foldLine(emptyStream(true), line))).toMatchObject({
    kind: "task",
    reason: "No conversation found with session ID: 1",
  });
});

test("a complaint before the first event is permanent and passed on", () => {
  const stream = foldLine(emptyStream(false), "error: unknown option '--nonsense'");

  expect(classify(exited(1), stream)).toMatchObject({
    kind: "permanent",
    reason: "Claude Code: error: unknown option '--nonsense'",
  });
});

test("an end that we brought about says so", () => {
  expect(classify(exited(143, { cause: "aborted" }), streamOf("sigterm"))).toMatchObject({
    kind: "task",
    reason: "ended on request",
  });
});

test("garbage, unknown lines and lines of wrong shapes change nothing that matters", () => {
  const strange = [
    "",
    "{",
    "null",
    "[]",
    '{"type":7}',
    '{"type":"assistant"}',
    '{"type":"assistant","message":{"content":"x"}}',
    '{"type":"user","message":{"content":[null,7,{"type":"tool_result"}]}}',
    '{"type":"brand_new","session_id":3}',
    "\ufffd\0",
  ];
  const mixed = linesOf("denied").flatMap((line) => [...strange, line]);

  const { plainLine: _, ...stream } = mixed.reduce(foldLine, emptyStream(false));

  expect(stream).toEqual({ ...streamOf("denied"), plainLine: undefined });
  expect(strange.map(reportOf)).toEqual(strange.map(() => null));
});

test("people are shown the session, tools, words and retries", () => {
  expect(
    linesOf("e529")
      .map(reportOf)
      .filter((report) => report !== null),
  ).toMatchObject([
    { sessionId: "4da0c77c-a908-43aa-acf2-a550dd95d0b8" },
    { message: "retry 1 of 2: overloaded (529)" },
    { message: "retry 2 of 2: overloaded (529)" },
    { message: expect.stringContaining("Repeated 529") },
  ]);
  expect(linesOf("denied").map(reportOf)).toContainEqual({ message: "Bash (touch denied.txt)" });
});

test("files that were written are artifacts, those that failed are not", () => {
  const lines = [
    {
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "1", name: "Write", input: { file_path: "/w/a.txt" } }] },
    },
    { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "1" }] } },
    {
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "2", name: "Edit", input: { file_path: "/w/b.txt" } }] },
    },
    { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "2", is_error: true }] } },
  ];

  expect(lines.map((line) => JSON.stringify(line)).reduce(foldLine, emptyStream(false)).written).toEqual([
    "/w/a.txt",
  ]);
});

test("data that Claude Code held to the schema itself is handed on, null and false too", () => {
  const ended = (structured: object): ClaudeStream => {
    const event = { type: "result", subtype: "success", is_error: false, result: "said", ...structured };
    return foldLine(emptyStream(false), JSON.stringify(event));
  };

  expect(classify(exited(0), ended({ structured_output: { n: 3 } }))).toMatchObject({
    output: "said",
    structuredOutput: { n: 3 },
  });
  expect(classify(exited(0), ended({ structured_output: null }))).toMatchObject({ structuredOutput: null });
  expect(classify(exited(0), ended({}))).not.toHaveProperty("structuredOutput");
});

test("another model that took over is an issue", () => {
  const fallback = { type: "system", subtype: "model_fallback", fallback_model: "claude-sonnet-5" };
  const stream = [JSON.stringify(fallback), ...linesOf("allowed")].reduce(foldLine, emptyStream(false));

  expect(classify(exited(0), stream)).toMatchObject({
    type: "answered",
    issues: ["Claude Code went on with the model claude-sonnet-5, for its own was overloaded"],
  });
});
