/** What is read in the programs' own records of their sessions. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRollout, foldRollout, readRollout } from "../src/codex/rollout.ts";
import { negativeSum, usedBefore } from "../src/qwen/chat-record.ts";
import { temporaryFolder } from "./helpers.ts";

const line = (payload: object): string => JSON.stringify({ timestamp: "2026-11-25T04:00:53Z", payload });
const counted = (input: number, output: number): string =>
  line({
    type: "token_count",
    info: { total_token_usage: { input_tokens: input, cached_input_tokens: 100, output_tokens: output } },
  });
const call = (id: string, cmd: string): string =>
  line({ type: "function_call", call_id: id, name: "exec_command", arguments: JSON.stringify({ cmd }) });
const result = (id: string, code: number, output: string): string =>
  line({
    type: "function_call_output",
    call_id: id,
    output: `Process exited with code ${code}\nOutput:\n${output}`,
  });

test("Codex's record tells what a session used, and what its sandbox refused", () => {
  const before = [
    call("1", "touch a"),
    result("1", 1, "touch: a: Read-only file system"),
    counted(1_000, 50),
  ];
  const after = [
    call("2", "touch b"),
    result("2", 1, "touch: b: Read-only file system"),
    call("3", "false"),
    result("3", 1, "it failed"),
    call("4", "echo sandbox"),
    result("4", 0, "sandbox"),
    counted(2_000, 90),
  ];
  const text = [...before, "}{", ...after].join("\n");

  expect(foldRollout(text, before.length)).toEqual({
    usage: {
      ...{ inputTokens: 1_900, outputTokens: 90, cacheReadTokens: 100, cacheWriteTokens: null },
      costUsd: null,
    },
    denials: { "2": "shell (touch b)" },
    lines: text.split("\n").length,
  });
});

test("Codex's record is found by its session, and none is no trouble", () => {
  const home = temporaryFolder();
  const folder = join(home, "sessions", "2026", "11", "25");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "rollout-2026-11-25T04-00-53-abc.jsonl"), counted(1, 1));

  expect(findRollout("abc", { CODEX_HOME: home })).toBe(
    join(folder, "rollout-2026-11-25T04-00-53-abc.jsonl"),
  );
  expect(findRollout("bc", { CODEX_HOME: join(home, "none") })).toBeNull();
  expect(readRollout(join(home, "none"))).toEqual({ usage: null, denials: {}, lines: 0 });
});

test("Qwen's record tells what a session used before", () => {
  const uiEvent = {
    "event.name": "qwen-code.api_response",
    input_token_count: 1_000,
    output_token_count: 50,
  };
  const answer = JSON.stringify({
    systemPayload: { uiEvent: { ...uiEvent, cached_content_token_count: 100 } },
  });
  const before = { inputTokens: -1_800, outputTokens: -100, cacheReadTokens: -200 };

  expect(negativeSum([answer, '{"type":"user"}', "}{", answer, ""].join("\n"))).toMatchObject(before);

  const home = temporaryFolder();
  mkdirSync(join(home, ".qwen", "projects", "-p", "chats"), { recursive: true });
  writeFileSync(join(home, ".qwen", "projects", "-p", "chats", "abc.jsonl"), `${answer}\n${answer}\n`);
  expect(usedBefore("abc", { HOME: home })).toMatchObject(before);
  expect(usedBefore("none", { HOME: home })).toBeNull();
});
