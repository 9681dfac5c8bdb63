import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { isMaiError, type MaiError } from "mai-orchestration-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { farmTasks, written } from "../../../core/test/support/plan-examples.ts";
import { loadPlan, parsePlanText } from "../../src/plan/load-plan.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mai-plan-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const noStdin = (): Promise<string> => Promise.reject(new Error("nothing stands on standard input"));

function refusal(text: string): MaiError {
  try {
    parsePlanText(text, "plan.yaml");
  } catch (error) {
    if (isMaiError(error)) return error;
    throw error;
  }
  throw new Error("the plan was accepted");
}

async function rejection(work: Promise<unknown>): Promise<MaiError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isMaiError(error)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

const good = `version: 1
tasks:
  - id: types
    type: test
    description: Type-check
    success_criteria: tsc exits 0
`;

describe("a plan's text", () => {
  test("may be YAML or JSON, and both read the same", () => {
    fc.assert(
      fc.property(farmTasks, fc.constantFrom(0, 2), (tasks, indent) => {
        const json = JSON.stringify({ version: 1, tasks: tasks.map((one) => written(one)) }, null, indent);

        const fromJson = parsePlanText(json, "plan.json").plan;
        // A comment makes it YAML alone.
        const fromYaml = parsePlanText(`# YAML\n${json}`, "plan.yaml").plan;

        expect(fromJson.tasks).toEqual(tasks);
        expect(fromYaml).toEqual(fromJson);
      }),
    );
  });

  test("may use anchors, however often they are used", () => {
    const tasks = Array.from({ length: 300 }, (_, i) => `  - { <<: 1, id: t${i} }`.replace("<<: 1, ", ""));
    const body = "type: test, description: d, success_criteria: s";
    const text = `version: 1\ndefaults: { context: &shared [a, b] }\ntasks:\n${tasks
      .map((line) => line.replace(" }", `, ${body}, constraints: *shared }`))
      .join("\n")}`;

    const { plan } = parsePlanText(text, "plan.yaml");

    expect(plan.tasks).toHaveLength(300);
    expect(plan.tasks[299]?.constraints).toEqual(["a", "b"]);
  });

  test("names file, line, column and task of every mistake, and keeps them as its cause", () => {
    const error = refusal(`version: 1
paralel: 2
tasks:
  - id: build
    type: biuld
    description: Build
    success_criteria: it builds
    timeout: -5m
    depends_on: [lint, test]
  - id: build
    type: test
    description:
    success_criteria: ok
`);

    expect(error.code).toBe("plan.invalid");
    expect(error.message.split("\n")).toEqual([
      "plan.yaml:2:1: unknown key `paralel`; did you mean `parallel`?",
      'plan.yaml:5:11: `type` must be `implementation`, `test`, `review` or `research`, but is "biuld" (task build)',
      'plan.yaml:8:14: `timeout` must be a duration such as `90s` or `10m`, but is "-5m" (task build)',
      "plan.yaml:9:18: depends on `lint`, which is not in the plan (task build)",
      "plan.yaml:9:24: depends on `test`, which is not in the plan (task build)",
      "plan.yaml:10:9: the id `build` is already used by line 4 (task build)",
      "plan.yaml:12:5: `description` must be text that is not empty, but is empty (task build)",
    ]);
    expect(error.hint).toBe("Write `parallel`.");
    expect(error.cause).toMatchObject([
      { path: ["paralel"] },
      { path: ["tasks", 0, "type"], place: { line: 5 } },
      {},
      {},
      {},
      {},
      {},
    ]);
  });

  test("has the code of its first mistake", () => {
    const cycle = refusal(
      `${good}    depends_on: [b]\n  - { id: b, type: test, description: d, success_criteria: s, depends_on: [types] }\n`,
    );
    expect(cycle.code).toBe("plan.cycle");
    expect(cycle.message).toBe(
      "plan.yaml:7:18: tasks wait for each other in a cycle: types -> b -> types (task types)",
    );

    expect(refusal(`${good}    depends_on: [b]\n`).code).toBe("plan.unknown-dependency");
    expect(refusal(`${good}${good.slice(good.indexOf("  - id"))}`).code).toBe("plan.duplicate-id");
  });

  test("in JSON is named by line and column too", () => {
    const json = JSON.stringify(
      { version: 1, tasks: [{ id: "a", type: "test", description: "d", success_criteria: "s", timeout: 5 }] },
      null,
      2,
    );

    expect(refusal(json).message).toBe(
      "plan.yaml:9:18: `timeout` must be a duration such as `90s` or `10m`, but is 5 (task a)",
    );
  });

  test.each([
    ["an indent by tab", "a:\n\tb: 1", "2:1: not valid YAML: "],
    ["an unclosed list", "version: 1\ntasks: [a, b\n", "not valid YAML: "],
    ["an unclosed quote", 'version: 1\nname: "x\n', "not valid YAML: "],
    ["JSON cut off in the middle", '{"version": 1, "tasks": [{"id": "a"', "not valid YAML: "],
    ["an unknown tag", "version: !!js/function 1", "1:10: not valid YAML: "],
    ["a second document", "version: 1\n---\nversion: 1", "2:1: a second document starts here"],
    ["a key used twice", "version: 1\nversion: 1", "2:1: the key `version` stands twice"],
    ["a key used twice in JSON", '{"version": 1,\n"version": 1}', "2:1: the key `version` stands twice"],
    ["a key that is a list", "? [a]\n: b", "1:3: a key must be plain text"],
    ["an alias that names nothing", "a: *b", "1:4: the alias `*b` names nothing"],
    ["an alias inside its own anchor", "a: &a [*a]", "1:8: the alias `*a` contains itself"],
    ["a list instead of keys", "- a", "1:1: the file must be keys with values, but is a list"],
    ["plain text", "hello", 'the file must be keys with values, but is "hello"'],
  ])("is refused for %s with one line that says where", (_what, text, message) => {
    const error = refusal(text);

    expect(error.code).toBe("plan.invalid");
    expect(error.message).toMatch(/^plan\.yaml:\d+:\d+: /u);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
    expect(error.hint === undefined && message.startsWith("not valid")).toBe(false);
  });

  test.each(["", "\n\n", "# nothing yet\n", "null"])("is refused when there is nothing in it: %j", (text) => {
    expect(refusal(text)).toMatchObject({ code: "plan.invalid", message: "plan.yaml: the plan is empty" });
  });

  test("with billions of aliased values is refused", () => {
    let text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (let i = 1; i < 12; i++)
      text += `a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(",")}]\n`;

    // Expanded they would fit in no memory: that this answers at all says that they were not.
    expect(refusal(text).message).toMatch(/^plan\.yaml:\d+:\d+: aliases repeat more than 1000000 values$/u);
  });

  test.each([
    ["brackets", "[".repeat(5_000_000)],
    ["braces", '{"a":'.repeat(1_000_000)],
    ["dashes", "- ".repeat(5_000_000)],
    ["question marks", "? ".repeat(1_000_000)],
    ["closed brackets", `${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}`],
  ])("with millions of nested %s is refused at once", (_what, text) => {
    expect(refusal(text).message).toBe("plan.yaml:1:1: the file nests too deeply to be meant");
  });

  test.each([101, 1_000, 9_999])("with %i nested lists is refused with one line", (depth) => {
    for (const text of [
      `${"[".repeat(depth)}${"]".repeat(depth)}`,
      `a: ${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`,
    ]) {
      expect(refusal(text).message).toMatch(
        /^plan\.yaml:\d+:\d+: (nests deeper than 100|the file nests too deeply).*$/u,
      );
    }
  });

  test("may hold a coloured log, full of unclosed brackets", () => {
    const log = "\\u001b[31m".repeat(5_000);
    const text = `{"version":1,"tasks":[{"id":"a","type":"test","description":"${log}","success_criteria":"s"}]}`;

    expect(parsePlanText(text, "plan.json").plan.tasks[0]?.description).toHaveLength(25_000);
  });

  test("with thousands of mistakes shows the first fifty and keeps them all", () => {
    const error = refusal(`version: 1\ntasks: [${"x,".repeat(3_000)}]`);

    expect(error.message.split("\n")).toHaveLength(51);
    expect(error.message).toContain("... and 2950 more problems");
    expect(error.cause).toHaveLength(3_000);
  });

  test("never throws anything but a MaiError, whatever it is", () => {
    const scrap = fc.constantFrom(
      ...[
        "a",
        "version",
        "tasks",
        "id",
        ": ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        '"',
        "'",
        "&a ",
        "*a",
        "|",
        ">",
        "#",
        "!x ",
        "? ",
        "---\n",
        "%",
        "1",
        "\t",
        "<<",
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(scrap, { maxLength: 40 }).map((parts) => parts.join("")),
          fc.string(),
        ),
        (text) => {
          expect(refusal(text).message).toMatch(/^plan\.yaml:/u);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("with a hundred thousand tasks is read", () => {
    const body = { type: "test", description: "d", success_criteria: "s" };
    const tasks = Array.from({ length: 100_000 }, (_, i) => ({
      id: `t${i}`,
      ...body,
      depends_on: i === 0 ? [] : [`t${i - 1}`],
    }));

    expect(parsePlanText(JSON.stringify({ version: 1, tasks }), "plan.json").plan.tasks).toHaveLength(
      100_000,
    );
  });
});

describe("loadPlan", () => {
  test("reads a file and says where it stands", async () => {
    const file = join(folder, "good.yaml");
    await writeFile(file, good);

    const loaded = await loadPlan(file, noStdin);

    expect(loaded).toMatchObject({ source: file, file, folder });
    expect(loaded.plan.tasks.map(({ taskId }) => taskId)).toEqual(["types"]);
    expect(loaded.locate(["tasks", 0, "type"])).toEqual({ line: 4, column: 11 });
    expect(loaded.locate(["tasks", 0, "type"], "key")).toEqual({ line: 4, column: 5 });
    expect(loaded.locate(["tasks", 7])).toBeUndefined();
  });

  test("reads standard input for `-`, in the current folder, with or without a byte order mark", async () => {
    const loaded = await loadPlan("-", () => Promise.resolve(new TextEncoder().encode(`\ufeff${good}`)));

    expect(loaded).toMatchObject({ source: "<stdin>", file: null, folder: process.cwd() });
    expect((await rejection(loadPlan("-", () => Promise.resolve("")))).message).toBe(
      "<stdin>: the plan is empty",
    );
  });

  test("a path and standard input belong to the folder that is given, messages name the path as given", async () => {
    await writeFile(join(folder, "good.yaml"), good);

    expect(await loadPlan("good.yaml", noStdin, folder)).toMatchObject({
      source: "good.yaml",
      file: join(folder, "good.yaml"),
      folder,
    });
    expect(await loadPlan("-", () => Promise.resolve(good), folder)).toMatchObject({ file: null, folder });
    expect((await rejection(loadPlan("none.yaml", noStdin, folder))).message).toMatch(/^none\.yaml: /);
  });

  test("reads a pipe, as the shell makes for `<(...)`", async () => {
    const pipe = join(folder, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);

    const [loaded] = await Promise.all([loadPlan(pipe, noStdin), writeFile(pipe, good)]);

    expect(loaded.plan.tasks).toHaveLength(1);
  });

  test.each(["missing.yaml", "missing/plan.yaml"])("says plan.not-found for %s", async (name) => {
    const error = await rejection(loadPlan(join(folder, name), noStdin));

    expect(error).toMatchObject({ code: "plan.not-found", hint: "Check the path." });
    expect(error.message).toBe(`${join(folder, name)}: the plan does not exist`);
  });

  test.each([
    ["a directory", async (file: string) => void (await mkdir(file)), "is a directory"],
    ["an empty file", (file: string) => writeFile(file, ""), "the plan is empty"],
    [
      "binary data",
      (file: string) => writeFile(file, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1])),
      "is not UTF-8 text",
    ],
    [
      "another encoding",
      (file: string) => writeFile(file, Buffer.from("name: caf\xe9", "latin1")),
      "is not UTF-8 text",
    ],
    [
      "more than 10 MB",
      (file: string) => writeFile(file, Buffer.alloc(10 * 1024 * 1024 + 1, "#")),
      "is larger than 10 MB",
    ],
  ])("refuses %s and leaves nothing behind", async (what, make, message) => {
    const file = join(folder, what.replaceAll(" ", "-"));
    await make(file);
    const before = await readdir(folder);

    const error = await rejection(loadPlan(file, noStdin));

    expect(error).toMatchObject({ code: "plan.invalid", hint: expect.any(String) });
    expect(error.message).toContain(message);
    expect(await readdir(folder)).toEqual(before);
  });

  test("refuses an endless file", async () => {
    expect((await rejection(loadPlan("/dev/zero", noStdin))).message).toContain("is larger than 10 MB");
  });
});
