import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { hookEvents, readHookInput, readHookPayload, runPreCompactHook } from "mai-project-system";
import { describe, expect, test } from "vitest";
import { fixture, fixturePath, testFolder } from "./support/folder.ts";

const recorded = fixture("hook-payloads.jsonl").trim().split("\n");
const base = { session_id: "s-1", transcript_path: "/home/user/t.jsonl", cwd: "/home/user/project" };
const own = {
  PreCompact: { trigger: "auto" },
  SessionStart: { source: "startup" },
  SubagentStop: { agent_id: "a1" },
  Stop: {},
  SessionEnd: { reason: "other" },
};
const payloadOf = (event: keyof typeof own, more: object = {}): string =>
  JSON.stringify({ ...base, hook_event_name: event, ...own[event], ...more });

test("every recorded payload is read", () => {
  const read = recorded.map((line) => readHookPayload(line));

  expect(read.filter(({ ok }) => !ok)).toEqual([]);
  expect(read.map((each) => each.ok && each.payload.event)).toEqual(
    expect.arrayContaining(["PreCompact", "SessionStart", "SubagentStop", "Stop", "SessionEnd"]),
  );
  expect(readHookPayload(recorded.find((line) => line.includes('"PreCompact"')) ?? "")).toEqual({
    ok: true,
    payload: {
      event: "PreCompact",
      sessionId: "6758cb0b-67b4-4923-a2c9-3fef261fcc45",
      transcriptPath:
        "/home/user/.claude/projects/-home-user-project/6758cb0b-67b4-4923-a2c9-3fef261fcc45.jsonl",
      cwd: "/home/user/project",
      trigger: "manual",
      customInstructions: "keep the run id",
    },
  });
});

test("what still runs in the background is told", () => {
  const tasks = [
    { id: "a1", type: "subagent", status: "running", description: "look", extra: 1 },
    { type: "shell" },
    7,
  ];

  expect(
    readHookPayload(payloadOf("Stop", { background_tasks: tasks, stop_hook_active: true })),
  ).toMatchObject({
    payload: {
      stopHookActive: true,
      backgroundTasks: [{ id: "a1", type: "subagent", status: "running", description: "look" }],
    },
  });
});

describe.each(hookEvents)("%s", (event) => {
  test("may have fields that nobody knows", () => {
    expect(readHookPayload(payloadOf(event, { of_tomorrow: { a: 1 } }))).toMatchObject({ ok: true });
  });

  test.each([...Object.keys(base), "hook_event_name"])("without %s is a problem that names it", (key) => {
    expect(readHookPayload(payloadOf(event, { [key]: undefined }))).toEqual({
      ok: false,
      problem: `hook payload: ${key} is missing`,
    });
  });

  test("without its own field is a problem that names it", () => {
    const [key] = Object.keys(own[event]);
    if (key === undefined) return;

    expect(readHookPayload(payloadOf(event, { [key]: undefined }))).toMatchObject({
      problem: `hook payload: ${key} is missing`,
    });
  });

  test.each(["$HOME/project", `\${HOME}/project`, "/x/$HOME"])("with the path %s is a problem", (cwd) => {
    expect(readHookPayload(payloadOf(event, { cwd }))).toMatchObject({
      ok: false,
      problem: expect.stringContaining("cwd holds a literal $HOME"),
    });
  });

  test("with a relative path or one with a NUL is a problem", () => {
    const read = (fields: object): unknown => readHookPayload(payloadOf(event, fields));

    expect(read({ transcript_path: "~/t.jsonl" })).toMatchObject({
      problem: expect.stringContaining("not an absolute path"),
    });
    expect(read({ agent_transcript_path: "t.jsonl" })).toMatchObject({ ok: false });
    expect(read({ cwd: "/a\0b" })).toMatchObject({ problem: expect.stringContaining("NUL") });
  });
});

test.each([
  ["", "it is empty"],
  [" \n", "it is empty"],
  ['{"session_id":"s', "it is not JSON"],
  ["\u0000\u0001PNG", "it is not JSON"],
  ["[1]", "it is not a JSON object"],
  ["null", "it is not a JSON object"],
  ['{"hook_event_name":"PostToolUse"}', "hook_event_name PostToolUse is not one of PreCompact"],
  ['{"hook_event_name":"Stop","session_id":{}}', "session_id is not a text with something in it"],
  ['{"hook_event_name":"Stop","session_id":""}', "session_id is not a text with something in it"],
])("%j is a problem: %s", (text, problem) => {
  expect(readHookPayload(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
});

test("a payload that is far too large is a problem", () => {
  const read = readHookPayload(payloadOf("Stop", { last_assistant_message: "x".repeat(17 * 1024 * 1024) }));

  expect(read).toMatchObject({ ok: false, problem: expect.stringContaining("the limit is") });
});

test("what arrives is read to its end in whole characters, or to where it is too large", async () => {
  const bytes = Buffer.from('{"a":"é"}');
  const inPieces = async function* (): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) yield Uint8Array.of(byte);
  };
  let given = 0;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      given++;
      yield Buffer.alloc(1024 * 1024, "x");
    }
  };

  expect(await readHookInput(inPieces())).toBe('{"a":"é"}');
  expect(readHookPayload(await readHookInput(endless()))).toMatchObject({ ok: false });
  expect(given).toBe(17);
});

test("a payload of another event than expected is a problem, one that names none is taken for it", () => {
  expect(readHookPayload(payloadOf("Stop"), "PreCompact")).toMatchObject({
    problem: "hook payload: it is of Stop, but this hook is for PreCompact",
  });
  expect(readHookPayload(JSON.stringify({ ...base, trigger: "auto" }), "PreCompact")).toMatchObject({
    ok: true,
  });
});

test("no text makes the reader throw, and a problem is always one line", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      const read = readHookPayload(text);

      expect(read.ok || !/[\n\r]/.test(read.problem)).toBe(true);
    }),
  );
});

describe("the pre-compact hook", () => {
  test("saves the session of the transcript in its folder", async () => {
    const cwd = testFolder();
    writeFileSync(join(cwd, "CLAUDE.local.md"), "My own notes.\n");
    const input = JSON.stringify({
      ...base,
      cwd,
      transcript_path: fixturePath("session.jsonl"),
      trigger: "auto",
    });

    const outcome = await runPreCompactHook(input, new Date(0));

    expect(outcome).toMatchObject({
      status: "success",
      stats: { todoCount: 2, agentCount: 3, modifiedFilesCount: 2, decisionCount: 5 },
    });
    const text = readFileSync(join(cwd, "CLAUDE.local.md"), "utf8");
    expect(text.startsWith("My own notes.\n<!-- mai:state v1")).toBe(true);
    expect(text).toContain("**Session ID**: s-1");
    expect(text).toContain("| a48059fa4cc06564d | review the parser | completed |");
  });

  test("skips when there is no transcript, and changes nothing on a bad payload", async () => {
    const cwd = testFolder();

    expect(await runPreCompactHook(payloadOf("PreCompact", { cwd }))).toMatchObject({ status: "skipped" });
    expect(await runPreCompactHook(payloadOf("PreCompact", { cwd: "$HOME" }))).toMatchObject({
      status: "error",
    });
    expect(existsSync(join(cwd, "CLAUDE.local.md"))).toBe(false);
  });

  test("is a program that exits 0 when it saved and 1 with one line when it could not, never 2", () => {
    const cwd = testFolder();
    mkdirSync(join(cwd, "sub"));
    copyFileSync(fixturePath("todo-write.jsonl"), join(cwd, "t.jsonl"));
    const program = join(import.meta.dirname, "support", "hook-program.ts");
    const run = (input: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, ["--conditions=mai-source", program], { input, encoding: "utf8" });

    const saved = run(payloadOf("PreCompact", { cwd, transcript_path: join(cwd, "t.jsonl") }));
    const bad = run("{");

    expect(saved).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(String(saved.stdout))).toMatchObject({ status: "success", stats: { todoCount: 2 } });
    expect(bad).toMatchObject({ status: 1, stdout: "" });
    expect(String(bad.stderr).trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(String(bad.stderr))).toMatchObject({ status: "error" });
  });
});
