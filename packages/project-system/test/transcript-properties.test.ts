import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  buildLocalMdOptions,
  extractAgentInfo,
  extractTodoState,
  getModifiedFiles,
  getReadFiles,
  getToolUsageSummary,
  type ParsedTranscript,
  parseTranscript,
  parseTranscriptFile,
} from "mai-project-system";
import { expect, test } from "vitest";
import { answer, fixture, lines, testFolder, use } from "./support/folder.ts";

/** Everything that is extracted. Nothing of it may throw, whatever was read. */
function extractAll(transcript: ParsedTranscript): unknown {
  const todos = extractTodoState(transcript);
  const agents = extractAgentInfo(transcript);
  const files = getModifiedFiles(transcript);
  const options = buildLocalMdOptions("s", todos, files, transcript.decisions, agents, new Date(0));
  return [options, getReadFiles(transcript), getToolUsageSummary(transcript)];
}

const session = Buffer.from(fixture("session.jsonl"));
/** A real session with bytes of it replaced, taken out or put in anywhere. */
const damaged = fc
  .array(fc.tuple(fc.nat(session.length), fc.nat(200), fc.uint8Array({ maxLength: 40 })), { maxLength: 20 })
  .map((cuts) =>
    cuts.reduce<Buffer>(
      (bytes, [at, length, instead]) =>
        Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(at + length)]),
      session,
    ),
  );

/** JSON that has the words of a transcript in wrong places. */
const word = fc.constantFrom(
  ...[
    "type",
    "tool",
    "name",
    "input",
    "params",
    "message",
    "content",
    "tool_use",
    "tool_result",
    "assistant",
    "user",
  ],
  ...[
    "id",
    "tool_use_id",
    "toolUseResult",
    "task",
    "tasks",
    "status",
    "todos",
    "agentId",
    "Agent",
    "TaskOutput",
  ],
  ...[
    "TodoWrite",
    "TaskCreate",
    "TaskUpdate",
    "TaskList",
    "SendMessage",
    "isSidechain",
    "task_id",
    "to",
    "a1",
  ],
  ...["attachment", "commandMode", "task-notification", "prompt", "__proto__", "<task-notification><status>"],
);
const { foreign } = fc.letrec((tie) => ({
  foreign: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    word,
    fc.constantFrom(null, true, 0, -1.5, ""),
    fc.array(tie("foreign"), { maxLength: 4 }),
    fc.dictionary(word, tie("foreign"), { maxKeys: 6 }),
  ),
}));

test("no bytes make the parser throw, from a file or from a text", async () => {
  const path = join(testFolder(), "any.jsonl");
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 })), async (bytes) => {
      writeFileSync(path, bytes);

      extractAll(await parseTranscriptFile(path));
      extractAll(parseTranscript(Buffer.from(bytes).toString("utf8")));
    }),
    { numRuns: 150 },
  );
});

test("no JSON makes the parser throw, and two readings are equal", () => {
  fc.assert(
    fc.property(fc.array(foreign, { maxLength: 8 }), (values) => {
      const text = lines(...values);

      expect(extractAll(parseTranscript(text))).toEqual(extractAll(parseTranscript(text)));
    }),
    { numRuns: 500 },
  );
});

test("calls with any input and any answer do not make the parser throw", async () => {
  const path = join(testFolder(), "calls.jsonl");
  const tool = fc.constantFrom(
    "Agent",
    "Task",
    "TaskOutput",
    "TaskStop",
    "TodoWrite",
    "TaskCreate",
    "TaskUpdate",
    "Edit",
  );
  const call = fc.tuple(fc.constantFrom("t1", "t2", "t3"), tool, foreign, foreign, foreign);
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
      const text = lines(
        ...calls.flatMap(([id, name, input, content, detail]) => [
          use(id, name, input),
          answer(id, content, detail),
        ]),
      );
      writeFileSync(path, text);

      expect(extractAll(await parseTranscriptFile(path))).toEqual(extractAll(parseTranscript(text)));
    }),
    { numRuns: 300 },
  );
});

test("a nest of a million brackets is one unreadable line or nothing at all", () => {
  const deep = `{"tool":"Bash","params":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;

  expect(() => extractAll(parseTranscript(`${deep}\n${"[".repeat(1_000_000)}`))).not.toThrow();
});
