import { getModifiedFiles, getReadFiles, getToolUsageSummary, parseTranscript } from "mai-project-system";
import { describe, expect, test } from "vitest";
import { answer, fixture, lines, use } from "./support/folder.ts";

describe("a session of today, recorded", () => {
  const session = parseTranscript(fixture("session.jsonl"));

  test("gives every tool call once, with its answer", () => {
    expect(session.toolCalls.map(({ tool }) => tool)).toEqual([
      ...["TaskCreate", "TaskCreate", "TaskCreate", "TaskUpdate", "TaskUpdate", "TaskUpdate", "TaskUpdate"],
      ...["TaskList", "Read", "Edit", "Write", "Agent", "Agent", "Agent", "Bash", "Bash", "TaskStop"],
    ]);
    expect(session.toolCalls[14]).toMatchObject({
      params: { command: "exit 3" },
      result: "Exit code 3",
      isError: true,
    });
    expect(session.toolCalls[8]).toMatchObject({
      result: "1\tone\n2\t",
      timestamp: "2026-11-22T13:54:13.191Z",
    });
  });

  test("gives what was asked and said, and nothing that Claude Code put in itself", () => {
    expect(session.userMessages).toEqual(["Please do the work. (script)", "Again. (script)"]);
    expect(session.assistantMessages).toHaveLength(5);
    expect(session.assistantMessages[0]).toBe("I decided to stream the file. We will use a bounded buffer.");
    expect(session.messageCount).toBe(21);
  });

  test("goes on after a compaction", () => {
    expect(session.compactions).toEqual([
      { trigger: "manual", preTokens: 1050, timestamp: "2026-11-22T13:54:18.815Z" },
    ]);
    expect(session.decisions.at(-1)).toBe("After compaction, I went with plan B.");
  });

  test("knows the files and the tools", () => {
    expect(getModifiedFiles(session)).toEqual(["/home/user/project/a.txt", "/home/user/project/b.txt"]);
    expect(getReadFiles(session)).toEqual(["/home/user/project/a.txt"]);
    expect(getToolUsageSummary(session)).toMatchObject({ TaskUpdate: 4, Agent: 3, Bash: 2 });
  });

  test("has no unreadable line, and its id", () => {
    expect(session.unreadableLines).toBe(0);
    expect(session.sessionId).toBe("7ffd5b93-0c98-49b1-ba36-986d2fcb38e7");
  });
});

test("the file of a sub-agent is a conversation of its own", () => {
  const transcript = parseTranscript(fixture("session/subagents/agent-a48059fa4cc06564d.jsonl"));

  expect(transcript.userMessages).toEqual(["Slow. (script)"]);
  expect(transcript.assistantMessages).toEqual(["sub three done"]);
  expect(transcript.toolCalls).toMatchObject([{ tool: "Bash", params: { command: "sleep 4" } }]);
  expect(transcript.toolCalls[0]).not.toHaveProperty("isSidechain");
});

test("lines of a side chain give files and tools, and no words", () => {
  const side = (value: unknown): unknown => ({ ...(value as object), isSidechain: true });
  const transcript = parseTranscript(
    lines(
      { type: "user", message: { content: "Do it." } },
      side({ type: "user", message: { content: "Do your part." } }),
      side(use("s1", "Edit", { file_path: "part.ts" })),
      side(answer("s1", "ok")),
      side({ type: "assistant", message: { content: [{ type: "text", text: "I decided to rest." }] } }),
      { type: "assistant", message: { content: [{ type: "text", text: "Done." }] } },
    ),
  );

  expect(getModifiedFiles(transcript)).toEqual(["part.ts"]);
  expect(transcript).toMatchObject({ userMessages: ["Do it."], assistantMessages: ["Done."], decisions: [] });
  expect(transcript.toolCalls[0]).toMatchObject({ isSidechain: true });
});

test("the output of stream-json is read too", () => {
  const transcript = parseTranscript(fixture("stream-json-compaction.jsonl"));

  expect(getToolUsageSummary(transcript)).toEqual({ Bash: 3 });
  expect(transcript.toolCalls.map(({ result }) => result)).toEqual(["1", "2", "3"]);
  expect(transcript.compactions).toMatchObject([{ trigger: "auto", preTokens: 100_000 }]);
});

test("the original's simple format is still read", () => {
  const transcript = parseTranscript(
    lines(
      { type: "user", content: "Fix the bug" },
      { type: "assistant", content: "I opted for a small fix." },
      { type: "tool_use", tool: "Edit", params: { file_path: "a.ts" }, timestamp: "t1" },
      { tool: "Read", params: { file_path: "b.ts" }, result: "text" },
      { type: "tool_use", name: "NotebookEdit", input: { notebook_path: "c.ipynb" } },
    ),
  );

  expect(transcript.toolCalls).toEqual([
    { tool: "Edit", params: { file_path: "a.ts" }, timestamp: "t1" },
    { tool: "Read", params: { file_path: "b.ts" }, result: "text" },
    { tool: "NotebookEdit", params: { notebook_path: "c.ipynb" } },
  ]);
  expect(transcript).toMatchObject({
    messageCount: 2,
    userMessages: ["Fix the bug"],
    assistantMessages: ["I opted for a small fix."],
    decisions: ["I opted for a small fix."],
  });
  expect(getModifiedFiles(transcript)).toEqual(["a.ts", "c.ipynb"]);
  expect(getReadFiles(transcript)).toEqual(["b.ts"]);
});

test("functions work on a transcript that somebody made by hand", () => {
  const made = {
    toolCalls: [{ tool: "Write", params: { file_path: "a.ts" } }],
    decisions: [],
    messageCount: 0,
    assistantMessages: [],
    userMessages: [],
  };

  expect(getModifiedFiles(made)).toEqual(["a.ts"]);
  expect(getToolUsageSummary(made)).toEqual({ Write: 1 });
});

test("each of the seven wordings tells a decision, and the last five are kept", () => {
  const said = [
    "We decided to wait.",
    "Choosing SQLite because it is there.",
    "I went with plan A.",
    "Selected Bun for the tests.",
    "Using a map instead of a list.",
    "They opted for less.",
    "It will use locks.",
  ];

  const each = said.map(
    (text) => parseTranscript(lines({ type: "assistant", content: `Hm. ${text} So.` })).decisions,
  );
  const all = parseTranscript(
    lines({ type: "assistant", content: `${said.join(" ")} Nothing else was decided.` }),
  );

  expect(each).toEqual(said.map((text) => [text]));
  expect(all.decisions).toEqual(said.slice(2));
});

test("an edit that failed modified nothing", () => {
  const transcript = parseTranscript(
    lines(use("t1", "Edit", { file_path: "a.ts" }), answer("t1", "String not found", "Error", true)),
  );

  expect(getModifiedFiles(transcript)).toEqual([]);
});

test("a line that is there twice is one call", () => {
  const call = use("t1", "Bash", { command: "ls" });

  expect(parseTranscript(lines(call, answer("t1", "a"), call, answer("t1", "a"))).toolCalls).toHaveLength(1);
});

test("a byte order mark, empty lines, CRLF, half a last line and foreign JSON cost only themselves", () => {
  const good = JSON.stringify({ type: "tool_use", tool: "Bash", params: {} });
  const transcript = parseTranscript(
    `\ufeff${good}\r\n\r\n[1,2]\n"text"\nnull\n{"type":7}\nnot JSON\n${good.slice(0, 20)}`,
  );

  expect(transcript.toolCalls).toHaveLength(1);
  expect(transcript.unreadableLines).toBe(2);
});

test("tools with the names of an object's own parts are counted like others", () => {
  const transcript = parseTranscript(
    '{"tool":"__proto__","params":{"__proto__":{"a":1}}}\n{"tool":"constructor"}\n',
  );

  expect(Object.entries(getToolUsageSummary(transcript))).toEqual([
    ["__proto__", 1],
    ["constructor", 1],
  ]);
  expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
});
