import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folder, mai, planText, type Said } from "../support/test-io.ts";

const transcript = fileURLToPath(
  new URL("../../../project-system/test/fixtures/session.jsonl", import.meta.url),
);

const payloads = {
  "session-start": { hook_event_name: "SessionStart", source: "compact" },
  "pre-compact": { hook_event_name: "PreCompact", trigger: "auto", custom_instructions: null },
  "subagent-stop": {
    hook_event_name: "SubagentStop",
    agent_id: "a1",
    agent_type: "x",
    stop_hook_active: false,
  },
  stop: { hook_event_name: "Stop", stop_hook_active: false, background_tasks: [] },
  "session-end": { hook_event_name: "SessionEnd", reason: "other" },
} as const;
type HookName = keyof typeof payloads;
const names = Object.keys(payloads) as HookName[];

function hook(root: string, name: HookName, more: Record<string, unknown> = {}, env = {}): Promise<Said> {
  const common = { session_id: "s-1", transcript_path: transcript, cwd: root };
  const stdin = JSON.stringify({ ...common, ...payloads[name], ...more });
  return mai(root, ["hook", name], { stdin, env });
}

async function withRun(root: string): Promise<void> {
  writeFileSync(join(root, "plan.json"), planText({ a: "true", b: "exit 3" }, { name: "two" }));
  await mai(root, ["run", "plan.json", "--json"]);
}

describe("session-start", () => {
  test("gives the brief to the session, and what ended since only once", async () => {
    const root = folder();
    await withRun(root);
    const first = await hook(root, "session-start", { source: "startup" });
    await withRun(root);

    const second = await hook(root, "session-start");
    const third = await hook(root, "session-start", { source: "resume" });

    const context = (said: Said): string => {
      const { hookSpecificOutput } = JSON.parse(said.out);
      expect(hookSpecificOutput.hookEventName).toBe("SessionStart");
      return hookSpecificOutput.additionalContext;
    };
    expect(context(first)).not.toContain("Ended since");
    expect(context(second)).toContain("1 failed: b");
    expect(context(third)).not.toContain("Ended since");
  });

  test("tells a session that began before there was a store all that ended in it, once", async () => {
    const root = folder();
    await hook(root, "session-start", { source: "startup" });
    await withRun(root);

    const compacted = await hook(root, "session-start");
    const resumed = await hook(root, "session-start", { source: "resume" });

    expect(compacted.out).toContain("1 failed: b");
    expect(resumed.out).not.toContain("Ended since");
  });

  test("costs a session nothing where there is no work", async () => {
    const root = folder();
    expect(await hook(root, "session-start")).toEqual({ code: 0, out: "", err: "" });
    expect(existsSync(join(root, ".mai"))).toBe(false);
  });
});

describe("pre-compact", () => {
  test("saves work and session into the block, and leaves the user's bytes alone", async () => {
    const root = folder({ "CLAUDE.local.md": "# Mine\r\nno line end" });
    await withRun(root);

    expect(await hook(root, "pre-compact")).toEqual({ code: 0, out: "", err: "" });

    const text = readFileSync(join(root, "CLAUDE.local.md"), "utf8");
    expect(text.startsWith("# Mine\r\nno line end")).toBe(true);
    expect(text).toContain("# Work handed out");
    expect(text).toContain("(two): finished failed");
    expect(text).toContain("**Session ID**: s-1");
    expect(text.length).toBeLessThanOrEqual(4_000 + 20);
  });

  test("a transcript that is missing, empty, binary or foreign costs only what it would have told", async () => {
    const root = folder({ empty: "", foreign: '{"a":1}\n[]\nnull\n' });
    writeFileSync(
      join(root, "binary"),
      Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256)),
    );
    await withRun(root);

    for (const name of ["missing", "empty", "binary", "foreign"]) {
      writeFileSync(join(root, "CLAUDE.local.md"), "");
      const said = await hook(root, "pre-compact", { transcript_path: join(root, name) });

      expect(said).toEqual({ code: 0, out: "", err: "" });
      expect(readFileSync(join(root, "CLAUDE.local.md"), "utf8")).toContain("(two): finished failed");
    }
  });

  test("a store that cannot be read costs only the work, and is told in one line", async () => {
    const root = folder();
    mkdirSync(join(root, ".mai"));
    writeFileSync(join(root, ".mai", "mai.db"), "no database at all, but some text in its place");

    const said = await hook(root, "pre-compact");

    expect(said).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^mai hook pre-compact: .+\n$/),
    });
    expect(readFileSync(join(root, "CLAUDE.local.md"), "utf8")).toContain("**Session ID**: s-1");
  });

  test("a block of a later version is left as it is", async () => {
    const later = "<!-- mai:state v9 digest=0000000000000000 -->\nfrom the future\n<!-- mai:state end -->\n";
    const root = folder({ "CLAUDE.local.md": later });

    const said = await hook(root, "pre-compact");

    expect(said).toMatchObject({ code: 1, err: expect.stringContaining("version 9") });
    expect(readFileSync(join(root, "CLAUDE.local.md"), "utf8")).toBe(later);
  });

  test("writes where the session was started, not where it has gone since", async () => {
    const root = folder();
    mkdirSync(join(root, "below"));

    await hook(root, "pre-compact", { cwd: join(root, "below") }, { CLAUDE_PROJECT_DIR: root });

    expect(existsSync(join(root, "CLAUDE.local.md"))).toBe(true);
    expect(existsSync(join(root, "below", "CLAUDE.local.md"))).toBe(false);
  });

  test("knows of an agent's end from its hook, which the transcript does not tell yet", async () => {
    const root = folder();
    await withRun(root);
    const running = fileURLToPath(
      new URL("../../../project-system/test/fixtures/still-running.jsonl", import.meta.url),
    );
    const rows = async (): Promise<string[]> => {
      await hook(root, "pre-compact", { transcript_path: running });
      const text = readFileSync(join(root, "CLAUDE.local.md"), "utf8");
      return text.split("\n").filter((line) => /^\| \w+ \|.*\| (running|completed|unknown) \|/.test(line));
    };
    const before = await rows();
    const id = /^\| (\w+) \|.*running/.exec(before.find((line) => line.includes("running")) ?? "")?.[1];

    await hook(root, "subagent-stop", { agent_id: id });

    expect(id).toBeDefined();
    expect((await rows()).find((line) => line.includes(`| ${id} |`))).toContain("| completed |");
    await hook(root, "stop");
    expect((await rows()).join("\n")).not.toContain("| running |");
  });
});

describe("session-end", () => {
  test("brings a block up to date that is there, and makes none", async () => {
    const root = folder();
    await withRun(root);
    const path = join(root, "CLAUDE.local.md");

    await hook(root, "session-end");
    expect(existsSync(path)).toBe(false);
    await hook(root, "pre-compact");
    await withRun(root);
    await hook(root, "session-end");

    expect(readFileSync(path, "utf8").match(/\(two\): finished/g)).toHaveLength(2);
  });
});

describe("whatever comes on standard input", () => {
  const bad: Readonly<Record<string, string>> = {
    empty: "",
    truncated: '{"session_id":"s-1","transcr',
    binary: "\u0000\u0001\ufffd\u0000",
    "a list": "[]",
    "another program's": '{"jsonrpc":"2.0","id":1}',
    "a literal $HOME": JSON.stringify({ session_id: "s", transcript_path: "$HOME/t.jsonl", cwd: "$HOME" }),
    "another event's": JSON.stringify({
      ...{ session_id: "s", transcript_path: "/t", cwd: "/tmp", hook_event_name: "Notification" },
    }),
    huge: `{"session_id":"${"x".repeat(17 * 1024 * 1024)}"}`,
  };

  test.each(Object.entries(bad))("%s: exit 1, one line, nothing changed", async (_, stdin) => {
    const root = folder();
    for (const name of names) {
      const said = await mai(root, ["hook", name], { stdin });
      expect(said).toEqual({
        code: 1,
        out: "",
        err: expect.stringMatching(/^mai hook \S+: [^\n]{1,400}\n$/),
      });
    }
    expect(existsSync(join(root, "CLAUDE.local.md"))).toBe(false);
    expect(existsSync(join(root, ".mai"))).toBe(false);
  });

  test("a folder that cannot be written is told in one line, and blocks nothing", async () => {
    const root = folder({ "CLAUDE.local.md": "mine\n" });
    chmodSync(join(root, "CLAUDE.local.md"), 0o444);

    const said = await hook(root, "pre-compact");

    expect(said).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^mai hook pre-compact: .*read-only\n$/),
    });
    expect(readFileSync(join(root, "CLAUDE.local.md"), "utf8")).toBe("mine\n");
  });

  test("an event that is none is a mistake on the command line", async () => {
    const said = await mai(folder(), ["hook", "pre-compactt"]);
    expect(said).toMatchObject({ code: 4, err: expect.stringContaining("pre-compact, session-start") });
  });
});
