import {
  agentsAfterHook,
  extractAgentInfo,
  formatAgentsAsMarkdown,
  getAgentSummary,
  getCompletedAgents,
  getRunningAgents,
  parseSession,
  parseTranscript,
  readHookPayload,
  type SpawnedAgent,
  subAgentFiles,
} from "mai-project-system";
import { describe, expect, test } from "vitest";
import { answer, fixture, fixturePath, lines, use } from "./support/folder.ts";

const agentsOf = (text: string): SpawnedAgent[] => extractAgentInfo(parseTranscript(text));
const launched = { isAsync: true, status: "async_launched", agentId: "a1", outputFile: "/tmp/a1.output" };
const begun = [
  use("t1", "Agent", { description: "look around", subagent_type: "Explore" }),
  answer("t1", "x", launched),
];
const notice = (status: string, result = ""): string =>
  `<task-notification>\n<task-id>a1</task-id>\n<status>${status}</status>\n<result>${result}</result>\n</task-notification>`;

test("a recorded session tells its agents apart by their real ids, and when each ended", () => {
  expect(agentsOf(fixture("session.jsonl"))).toMatchObject([
    { id: "afd08184c7a410c73", status: "completed", endedAt: "2026-11-22T13:54:13.631Z" },
    {
      id: "a8b5babfe9e08109d",
      status: "completed",
      endedAt: "2026-11-22T13:54:13.854Z",
      subagentType: "Explore",
    },
    { id: "a48059fa4cc06564d", status: "completed", endedAt: "2026-11-22T13:54:17.922Z" },
  ]);
});

test("an agent that was launched and of which no more is told still runs", () => {
  const agents = agentsOf(fixture("still-running.jsonl"));

  expect(agents).toMatchObject([{ id: "a2746e2d9b9526159", task: "never ends", status: "running" }]);
  expect(getRunningAgents(agents)).toHaveLength(1);
  expect(getCompletedAgents(agents)).toEqual([]);
});

test("stream-json tells agents too", () => {
  expect(agentsOf(fixture("stream-json-agents.jsonl"))).toMatchObject([
    { id: "a4e5f144d427c1981", subagentType: "rev", status: "completed" },
  ]);
});

describe("an agent in the background", () => {
  test.each([
    { status: "completed", expected: { status: "completed" } },
    { status: "failed", expected: { status: "unknown", end: "failed" } },
    { status: "killed", expected: { status: "unknown", end: "stopped" } },
  ])("ends as its notice says: $status", ({ status, expected }) => {
    const queued = {
      type: "queue-operation",
      operation: "enqueue",
      content: notice(status),
      timestamp: "t9",
    };

    expect(agentsOf(lines(...begun, queued))).toMatchObject([{ id: "a1", endedAt: "t9", ...expected }]);
  });

  test("is told to have ended as a message or an attachment too", () => {
    const message = { type: "user", message: { content: notice("completed") } };
    const attachment = {
      type: "queued_command",
      commandMode: "task-notification",
      prompt: notice("completed"),
    };

    expect(agentsOf(lines(...begun, message))).toMatchObject([{ status: "completed" }]);
    expect(agentsOf(lines(...begun, { type: "attachment", attachment }))).toMatchObject([
      { status: "completed" },
    ]);
  });

  test("does not end by words of another agent in a notice", () => {
    const content = notice("running", "<task-id>a1</task-id><status>completed</status>");

    expect(agentsOf(lines(...begun, { type: "queue-operation", content }))).toMatchObject([
      { status: "running" },
    ]);
  });

  test.each([
    ["TaskOutput", { task: { task_id: "a1", status: "completed" } }, "completed"],
    ["TaskOutput", { retrieval_status: "timeout", task: { task_id: "a1", status: "running" } }, "running"],
    ["TaskStop", { message: "stopped" }, "unknown"],
  ])("is %s of %j: %s", (tool, detail, status) => {
    const asked = [use("t2", tool, { task_id: "a1" }), answer("t2", "x", detail)];

    expect(agentsOf(lines(...begun, ...asked))).toMatchObject([{ status }]);
  });

  test("ends by the text of TaskOutput where nothing else was noted", () => {
    const text =
      "<task_id>a1</task_id>\n<status>completed</status>\n<output>\n<status>failed</status></output>";

    expect(
      agentsOf(lines(...begun, use("t2", "TaskOutput", { task_id: "a1" }), answer("t2", text))),
    ).toMatchObject([{ status: "completed" }]);
  });

  test("runs again after a message to it", () => {
    const more = [
      { type: "queue-operation", content: notice("completed") },
      use("t2", "SendMessage", { to: "a1" }),
      answer("t2", "sent"),
    ];

    expect(agentsOf(lines(...begun, ...more))).toMatchObject([{ id: "a1", status: "running" }]);
    expect(agentsOf(lines(...begun, ...more))[0]).not.toHaveProperty("endedAt");
  });
});

test.each([
  ["Error: it broke", "failed"],
  ["[Request interrupted by user for tool use]", "stopped"],
])("a call that was answered %j has %s", (text, end) => {
  expect(
    agentsOf(lines(use("t1", "Task", { description: "x" }), answer("t1", text, text, true))),
  ).toMatchObject([{ id: "t1", status: "unknown", end }]);
});

test("in the simple format agents of the same first words stay apart, and TaskOutput ends the one that it names", () => {
  const task = { type: "tool_use", tool: "Task", params: { description: "review the parser again" } };
  const agents = agentsOf(
    lines(task, task, task, { tool: "TaskOutput", params: { task_id: "agent-review-the-parser-2" } }),
  );

  expect(agents.map(({ id, status }) => [id, status])).toEqual([
    ["agent-review-the-parser", "running"],
    ["agent-review-the-parser-2", "completed"],
    ["agent-review-the-parser-3", "running"],
  ]);
});

test("a session read with its sub-agents knows what they touched and that they finished", async () => {
  const session = await parseSession(fixturePath("session.jsonl"));
  const files = await subAgentFiles(fixturePath("session.jsonl"));

  expect(session.facts?.toolUsage).toMatchObject({ Read: 3, Bash: 3 });
  expect(files.map(({ agentId, finished }) => [agentId, finished])).toEqual([
    ["a48059fa4cc06564d", true],
    ["a8b5babfe9e08109d", true],
    ["afd08184c7a410c73", true],
  ]);
  expect(await subAgentFiles("/nowhere/at-all.jsonl")).toEqual([]);
});

test("what a hook is told is newer than the transcript", () => {
  const base = { session_id: "s", transcript_path: "/t.jsonl", cwd: "/" };
  const payload = (fields: object): Parameters<typeof agentsAfterHook>[1] => {
    const read = readHookPayload(JSON.stringify({ ...base, ...fields }));
    if (!read.ok) throw new Error(read.problem);
    return read.payload;
  };
  const agents = agentsOf(lines(...begun));

  const stopped = payload({ hook_event_name: "SubagentStop", agent_id: "a1" });
  const other = payload({ hook_event_name: "SubagentStop", agent_id: "a2", agent_type: "" });
  const alive = payload({ hook_event_name: "Stop", background_tasks: [{ id: "a1", type: "subagent" }] });
  const gone = payload({ hook_event_name: "Stop", background_tasks: [] });

  expect(agentsAfterHook(agents, stopped)).toMatchObject([{ status: "completed" }]);
  expect(agentsAfterHook(agents, other)).toEqual(agents);
  expect(agentsAfterHook(agents, alive)).toEqual(agents);
  expect(agentsAfterHook(agents, gone)).toMatchObject([{ status: "unknown" }]);
});

test("agents can be counted and shown", () => {
  const agents: SpawnedAgent[] = [
    { id: "a1", task: "one | two\nthree", status: "running" },
    { id: "a2", task: "four", status: "completed" },
    { id: "a3", task: "five", status: "unknown", end: "failed" },
  ];

  expect(getAgentSummary(agents)).toEqual({ total: 3, running: 1, completed: 1 });
  expect(formatAgentsAsMarkdown(agents)).toBe(
    "| a1 | one \\| two three | running |\n| a2 | four | completed |\n| a3 | five | failed |",
  );
  expect(formatAgentsAsMarkdown([])).toBe("| - | - | - |");
});
