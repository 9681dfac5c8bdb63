import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isMaiError } from "mai-orchestration-core";
import { parseTranscript, parseTranscriptFile } from "mai-project-system";
import { expect, test } from "vitest";
import { answer, fixture, fixturePath, lines, testFolder, use } from "./support/folder.ts";

const parseProgram = join(import.meta.dirname, "support", "parse-file.ts");

test.each(["session", "todo-write", "still-running", "stream-json-agents", "stream-json-compaction"])(
  "%s says the same from the file as from its text",
  async (name) => {
    expect(await parseTranscriptFile(fixturePath(`${name}.jsonl`))).toEqual(
      parseTranscript(fixture(`${name}.jsonl`)),
    );
  },
);

test("a file of 100 MB is read in bounded memory", { timeout: 120_000 }, () => {
  const path = join(testFolder(), "large.jsonl");
  writeLarge(path, 100 * 1024 * 1024);

  // Where the heap can be limited, it is: what grew with the file would not fit.
  const limits =
    process.versions["bun"] === undefined ? ["--max-old-space-size=48", "--max-semi-space-size=8"] : [];
  const run = spawnSync(process.execPath, [...limits, "--conditions=mai-source", parseProgram, path], {
    encoding: "utf8",
  });
  const told = JSON.parse(run.stdout) as { grownBytes: number; calls: number; usage: Record<string, number> };

  expect(told.calls).toBe(2_000);
  expect(told.usage["Bash"]).toBeGreaterThan(5_000);
  // Garbage that is not collected yet counts in. The whole file, decoded, would be three times as much.
  expect(told.grownBytes).toBeLessThan(150 * 1024 * 1024);
});

test("a line of 5 MB is read, and of its text no more is kept than is of use", async () => {
  const path = join(testFolder(), "wide.jsonl");
  const huge = "é".repeat(2_500_000);
  writeFileSync(
    path,
    lines(
      use("t1", "Write", { content: huge, file_path: "wide.txt" }),
      answer("t1", huge),
      use("t2", "Bash", {}),
    ),
  );

  const transcript = await parseTranscriptFile(path);

  expect(transcript.facts?.modifiedFiles).toEqual(["wide.txt"]);
  expect(transcript.toolCalls[0]?.params["file_path"]).toBe("wide.txt");
  expect(String(transcript.toolCalls[0]?.result)).toHaveLength(1_000);
  expect(String(transcript.toolCalls[0]?.params["content"]).length).toBeLessThan(2_001);
  expect(transcript.toolCalls).toHaveLength(2);
});

test("a line longer than any real one is passed over, and the next one is read", async () => {
  const path = join(testFolder(), "endless.jsonl");
  const file = openSync(path, "w");
  const piece = Buffer.alloc(1024 * 1024, "a");
  for (let written = 0; written < 33; written++) writeSync(file, piece);
  writeSync(file, `\n${JSON.stringify({ tool: "Bash" })}`);
  closeSync(file);

  expect(await parseTranscriptFile(path)).toMatchObject({
    toolCalls: [{ tool: "Bash" }],
    unreadableLines: 1,
  });
});

test("bytes that are no text, and half a last line, cost only themselves", async () => {
  const path = join(testFolder(), "broken.jsonl");
  const good = JSON.stringify({ tool: "Bash", params: { command: "ls" } });
  const invalid = Buffer.concat([
    Buffer.from('{"tool":"Read","params":{"file_path":"a'),
    Buffer.from([0xff, 0xc3]),
  ]);
  writeFileSync(
    path,
    Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(`${good}\n`),
      invalid,
      Buffer.from('"}}\n'),
      Buffer.from([0x00, 0x80, 0xfe, 0x0a]),
      Buffer.from(good.slice(0, 12)),
    ]),
  );

  const transcript = await parseTranscriptFile(path);

  expect(transcript.toolCalls.map(({ tool }) => tool)).toEqual(["Bash", "Read"]);
  expect(transcript.facts?.readFiles).toEqual(["a\ufffd\ufffd"]);
  expect(transcript.unreadableLines).toBe(2);
});

test("a line that is passed over unread does not hide a message that looks like it", async () => {
  const path = join(testFolder(), "lookalike.jsonl");
  const text = '"attachment":{"type":"file" and {"type":"mode"';
  const said = {
    isSidechain: false,
    message: { role: "assistant", content: [{ type: "text", text }] },
    type: "assistant",
  };
  writeFileSync(
    path,
    lines(said, { type: "mode", mode: "normal" }, { attachment: { type: "file" }, type: "attachment" }),
  );

  expect((await parseTranscriptFile(path)).assistantMessages).toEqual([text]);
});

test("an empty file says nothing, and one that is missing or a folder is unreadable", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "empty.jsonl"), "");
  mkdirSync(join(folder, "folder.jsonl"));

  expect(await parseTranscriptFile(join(folder, "empty.jsonl"))).toMatchObject({
    toolCalls: [],
    messageCount: 0,
  });
  for (const name of ["missing.jsonl", "folder.jsonl"]) {
    const error: unknown = await parseTranscriptFile(join(folder, name)).catch((thrown: unknown) => thrown);
    expect(isMaiError(error) && error.code).toBe("transcript.unreadable");
    expect(String(error)).toContain(name);
  }
});

/** Calls with answers, prompts, and lines of which nothing is taken, as in a long session. */
function writeLarge(path: string, bytes: number): void {
  const file = openSync(path, "w");
  const prose = "The quick brown fox decided to jump over the lazy dog. ".repeat(20);
  let written = 0;
  for (let turn = 0; written < bytes; turn++) {
    const id = `toolu_${turn}`;
    const text = lines(
      { type: "user", message: { content: `Prompt ${turn} ${prose}` } },
      { type: "assistant", message: { id: `m${turn}`, content: [{ type: "text", text: prose }] } },
      use(id, "Bash", { command: `echo ${turn}`, description: prose }),
      answer(id, prose, { stdout: prose, stderr: "" }),
      use(`${id}w`, "Write", { file_path: `/home/user/project/${turn % 500}.ts`, content: prose }),
      answer(`${id}w`, "ok"),
      { type: "api-request-blob", message: { role: "user", content: prose.repeat(4) } },
    );
    written += writeSync(file, text);
  }
  closeSync(file);
}
