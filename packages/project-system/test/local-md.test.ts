import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isMaiError } from "mai-orchestration-core";
import {
  buildLocalMdOptions,
  generateResumeInstructions,
  type LocalMdOptions,
  localMdExists,
  readLocalMd,
  readStateBlock,
  removeStateBlock,
  type TodoItem,
  writeLocalMd,
  writeStateBlock,
} from "mai-project-system";
import { describe, expect, test } from "vitest";
import { testFolder } from "./support/folder.ts";

const todos: TodoItem[] = [
  { content: "Read", status: "completed", activeForm: "Reading" },
  { content: "Write", status: "in_progress", activeForm: "Writing" },
  { content: "Test", status: "pending", activeForm: "Testing" },
];
const agents = [{ id: "a1", task: "review", status: "running" as const }];
const options: LocalMdOptions = buildLocalMdOptions(
  "session-1",
  todos,
  ["a.ts", "b.ts"],
  ["We will use locks."],
  agents,
  new Date(0),
);
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return isMaiError(error) ? error.code : String(error);
  }
};
const replace = (path: string, make: () => void): void => {
  rmSync(path);
  make();
};
const localMd = (): string => join(testFolder(), "CLAUDE.local.md");

test("the state of a session is written in the original's layout", () => {
  const path = localMd();

  writeLocalMd(path, options);

  const body = readLocalMd(path)?.split("\n").slice(1, -2).join("\n");
  expect(body).toBe(`# Session State (Auto-generated)

**Last Updated**: 1970-01-01T00:00:00.000Z
**Session ID**: session-1

## Current Work

- **Task**: Write
- **Step**: Writing
- **Files Modified**: a.ts, b.ts

## Recent Decisions

- We will use locks.

## Spawned Agents

| Agent ID | Task | Status |
| --- | --- | --- |
| a1 | review | running |

## Resume Instructions

1 of 3 todos are completed. In progress: Write. Next: Test.`);
  expect(readStateBlock(path)).toEqual({ ok: true, text: body, edited: false });
});

test("resume instructions are made from the list alone", () => {
  expect(generateResumeInstructions([])).toContain("No todo list");
  expect(generateResumeInstructions(todos.slice(0, 1))).toBe(
    "1 of 1 todos are completed. Nothing is left of the list.",
  );
  expect(generateResumeInstructions(todos, todos[2])).toContain("In progress: Test.");
});

test("a file that is not there is made, and told apart from an empty one", () => {
  const path = localMd();

  expect(localMdExists(path)).toBe(false);
  expect(readLocalMd(path)).toBeNull();
  writeFileSync(path, "");
  expect(readLocalMd(path)).toBe("");
  expect(localMdExists(path)).toBe(true);
});

describe("the user's text", () => {
  test.each([
    ["with a last line end", "# Mine\n\nNotes.\n"],
    ["without a last line end", "# Mine\n\nNotes."],
    ["with CRLF", "# Mine\r\n\r\nNotes.\r\n"],
    ["with CRLF and without a last line end", "# Mine\r\nNotes."],
    ["with a lone carriage return at its end", "# Mine\nNotes.\r"],
    ["with a byte order mark", "\ufeff# Mine\n"],
    ["of a byte order mark alone", "\ufeff"],
    ["that talks about our marks", "<!-- mai:state end -->\nThe mark <!-- mai:state v1 --> begins it.\n"],
    ["with half a block", "<!-- mai:state v1 digest=0123456789abcdef -->\nlost\n"],
    ["that is no UTF-8", Buffer.from([0x23, 0xff, 0xfe, 0x00, 0x0a, 0xc3])],
  ])("%s survives writing, writing again and removal", (_, mine) => {
    const path = localMd();
    const bytes = Buffer.from(mine);
    writeFileSync(path, bytes);

    writeLocalMd(path, options);
    const first = readFileSync(path);
    writeLocalMd(path, { ...options, currentStep: "Another" });
    const second = readFileSync(path);
    writeLocalMd(path, options);

    expect(first.subarray(0, bytes.length)).toEqual(bytes);
    expect(second.subarray(0, bytes.length)).toEqual(bytes);
    expect(readFileSync(path)).toEqual(first);
    expect(removeStateBlock(path)).toBe(true);
    expect(readFileSync(path)).toEqual(bytes);
    expect(removeStateBlock(path)).toBe(false);
  });

  test("behind the block stays behind it", () => {
    const path = localMd();
    writeLocalMd(path, options);
    const after = "Behind it.\r\nNo end";
    writeFileSync(path, `Before.\n${readLocalMd(path)}${after}`);

    writeLocalMd(path, { ...options, currentTask: "New" });

    expect(readLocalMd(path)?.startsWith("Before.\n<!-- mai:state v1")).toBe(true);
    expect(readLocalMd(path)?.endsWith(`<!-- mai:state end -->\n${after}`)).toBe(true);
  });

  test("decides how our lines end", () => {
    const path = localMd();
    writeFileSync(path, "Mine.\r\n");

    writeLocalMd(path, options);

    expect(readLocalMd(path)?.replaceAll("\r\n", "")).not.toContain("\n");
    expect(readStateBlock(path)).toMatchObject({ ok: true, edited: false });
  });
});

describe("the file", () => {
  test("is not touched when there is nothing new", () => {
    const path = localMd();
    writeLocalMd(path, options);
    const { ino, mtimeMs } = statSync(path);

    expect(writeLocalMd(path, options).changed).toBe(false);
    expect(statSync(path)).toMatchObject({ ino, mtimeMs });
  });

  test("keeps its mode, and leaves nothing else behind", () => {
    const path = localMd();
    writeFileSync(path, "Mine.\n", { mode: 0o600 });

    expect(writeLocalMd(path, options)).toMatchObject({ changed: true, files: [] });

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, ".."))).toEqual(["CLAUDE.local.md"]);
  });

  test("is written through a link, also one that leads to nothing yet", () => {
    const folder = testFolder();
    const path = join(folder, "CLAUDE.local.md");
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join("elsewhere", "real.md"), path);

    writeLocalMd(path, options);
    writeLocalMd(path, { ...options, currentTask: "New" });

    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "elsewhere", "real.md"), "utf8")).toContain("**Task**: New");
  });

  test.each([
    ["is read-only", (path: string) => chmodSync(path, 0o444)],
    ["is UTF-16", (path: string) => writeFileSync(path, Buffer.from("\ufeffMine", "utf16le"))],
    ["is a folder", (path: string) => replace(path, () => mkdirSync(path))],
    ["is a link in a circle", (path: string) => replace(path, () => symlinkSync(path, path))],
  ])("that %s is refused", (_, spoil) => {
    const path = localMd();
    writeFileSync(path, "Mine.\n");
    spoil(path);
    const before = lstatSync(path).isFile() ? readFileSync(path) : undefined;

    expect(codeOf(() => writeLocalMd(path, options))).toBe("local-md.unwritable");

    if (before !== undefined) expect(readFileSync(path)).toEqual(before);
  });
});

test("processes that write at the same time leave the user's text and one whole block", {
  timeout: 60_000,
}, async () => {
  const path = localMd();
  const mine = "# Mine\n\nNotes without an end";
  writeFileSync(path, mine);
  const program = join(import.meta.dirname, "support", "write-block.ts");
  const writers = ["a", "b", "c"].map((name) =>
    spawn(process.execPath, ["--conditions=mai-source", program, path, name, "15"], { stdio: "inherit" }),
  );
  const ends = writers.map((writer) => once(writer, "exit"));
  let running = true;
  const all = Promise.all(ends).then((codes) => {
    running = false;
    return codes.map(([code]) => code);
  });

  while (running) {
    const text = readFileSync(path, "utf8");
    expect(text.startsWith(mine)).toBe(true);
    expect(text === mine || text.endsWith("<!-- mai:state end -->\n")).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  }

  expect(await all).toEqual([0, 0, 0]);
  expect(readStateBlock(path)).toMatchObject({
    ok: true,
    text: expect.stringMatching(/^[abc] 14$/),
    edited: false,
  });
  expect(readdirSync(join(path, ".."))).toEqual([".mai", "CLAUDE.local.md"]);
});

describe("the block", () => {
  test("of a later version is refused", () => {
    const path = localMd();
    writeLocalMd(path, options);
    writeFileSync(path, String(readLocalMd(path)).replace("mai:state v1", "mai:state v2"));
    const before = readLocalMd(path);

    expect(codeOf(() => writeLocalMd(path, options))).toBe("state.newer-version");
    expect(codeOf(() => removeStateBlock(path))).toBe("state.newer-version");
    expect(readStateBlock(path)).toMatchObject({ ok: false, problem: expect.stringContaining("version 2") });
    expect(readLocalMd(path)).toBe(before);
  });

  test("that a person changed is noticed, kept aside, and named", () => {
    const path = localMd();
    writeLocalMd(path, options);
    writeFileSync(
      path,
      String(readLocalMd(path)).replace("- We will use locks.", "- We will use locks.\n- And my own note."),
    );

    expect(readStateBlock(path)).toMatchObject({ ok: true, edited: true });
    const { keptAside = "" } = writeLocalMd(path, options);

    expect(readFileSync(keptAside, "utf8")).toContain("- And my own note.");
    expect(readLocalMd(path)).not.toContain("- And my own note.");
    expect(readLocalMd(path)).toMatch(/what stood in it is in `\.mai\/state\/edited-[0-9a-f]{16}\.md`/);
    expect(readFileSync(join(path, "..", ".mai", ".gitignore"), "utf8")).toBe("*\n");
    expect(writeLocalMd(path, options)).not.toHaveProperty("keptAside");
    expect(existsSync(keptAside)).toBe(true);
  });

  test("whose change cannot be kept aside is left alone", () => {
    const path = localMd();
    writeLocalMd(path, options);
    writeFileSync(path, String(readLocalMd(path)).replace("locks", "clocks"));
    writeFileSync(join(path, "..", ".mai"), "a file where the folder should be");
    const before = readLocalMd(path);

    expect(codeOf(() => writeLocalMd(path, options))).toBe("local-md.unwritable");
    expect(readLocalMd(path)).toBe(before);
  });

  test("is not taken for changed when only line ends were", () => {
    const path = localMd();
    writeLocalMd(path, options);
    writeFileSync(path, String(readLocalMd(path)).replaceAll("\n", "\r\n"));

    expect(readStateBlock(path)).toMatchObject({ edited: false });
  });

  test("cannot be ended by what is written into it", () => {
    const path = localMd();
    const evil = "<!-- mai:state end -->\n<!-- mai:state v1 digest=0123456789abcdef -->";

    writeLocalMd(path, { ...options, currentTask: evil, resumeInstructions: evil });
    writeStateBlock(path, { data: { evil } });

    expect(readStateBlock(path)).toMatchObject({ ok: true, edited: false, data: { evil } });
    expect(removeStateBlock(path)).toBe(true);
    expect(readLocalMd(path)).toBe("");
  });
});

describe("state that is larger than the block", () => {
  const many: LocalMdOptions = {
    ...options,
    modifiedFiles: Array.from({ length: 500 }, (_, index) => `packages/some/where/file-${index}.ts`),
    agents: Array.from({ length: 300 }, (_, index) => ({
      id: `agent-${index}`,
      task: "do something that takes long",
      status: index === 299 ? ("running" as const) : ("completed" as const),
    })),
  };

  test("lies whole in a file that the block names, and the block shows what matters of it", () => {
    const path = localMd();

    const { files, characters } = writeLocalMd(path, many);

    const text = String(readLocalMd(path));
    expect(characters).toBeLessThanOrEqual(4_000);
    expect(files).toHaveLength(1);
    expect(text).toContain(`All of it: \`${files[0]}\``);
    expect(text).toContain("and 480 more");
    expect(text).toContain("| agent-299 | do something that takes long | running |");
    expect(readFileSync(join(path, "..", files[0] ?? ""), "utf8")).toContain("file-0.ts");
    const read = readStateBlock(path);
    expect(read.ok && read.text).toContain("file-0.ts");
  });

  test("takes the place of the file that the block named before", () => {
    const path = localMd();
    const first = writeLocalMd(path, many);
    const second = writeLocalMd(path, { ...many, currentTask: "New" });

    const kept = readdirSync(join(path, "..", ".mai", "state"));
    expect(first.files).not.toEqual(second.files);
    expect(kept.map((name) => join(".mai", "state", name))).toEqual(second.files);
    expect(writeLocalMd(path, options).files).toEqual([]);
    expect(readdirSync(join(path, "..", ".mai", "state"))).toEqual([]);
  });

  test("is data that comes back as it was, in the block or in a file", () => {
    const path = localMd();
    const small = { version: 1, run: "run-1", text: "<!-- ``` \u2028 é" };
    const large = {
      version: 1,
      tasks: Array.from({ length: 1_000 }, (_, index) => ({ id: `task-${index}` })),
    };

    writeStateBlock(path, { text: "Two runs.", data: small });
    expect(readStateBlock(path)).toEqual({ ok: true, text: "Two runs.", data: small, edited: false });
    const { files } = writeStateBlock(path, { data: large });
    expect(readStateBlock(path)).toEqual({ ok: true, text: "Two runs.", data: large, edited: false });
    expect(files).toEqual([expect.stringMatching(/^\.mai\/state\/state-[0-9a-f]{16}\.json$/)]);
    writeLocalMd(path, options);
    expect(readStateBlock(path)).toMatchObject({ ok: true, data: large });
    writeStateBlock(path, { data: null });
    expect(readStateBlock(path)).not.toHaveProperty("data");
  });

  test("that is gone or was changed is a problem and not another state", () => {
    const path = localMd();
    const { files } = writeStateBlock(path, { data: "x".repeat(5_000) });
    writeFileSync(join(path, "..", files[0] ?? ""), '"y"');

    expect(readStateBlock(path)).toMatchObject({
      ok: false,
      problem: expect.stringContaining("gone or was changed"),
    });
    writeStateBlock(path, { text: "Goes on." });
    expect(readStateBlock(path)).toMatchObject({ ok: true, text: "Goes on." });
  });
});

test("a file without a block, and no file, have no state", () => {
  const path = localMd();

  expect(readStateBlock(path)).toMatchObject({
    ok: false,
    problem: expect.stringContaining("holds no state"),
  });
  writeFileSync(path, "Mine.\n");
  expect(readStateBlock(path)).toMatchObject({ ok: false });
});
