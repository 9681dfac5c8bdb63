import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixture, isAlive, newMark, run, temporaryFolder, until } from "./helpers.ts";

const runtime = process.execPath;
const runner = new URL("../src/process/run-process.ts", import.meta.url).href;

function shell(script: string): readonly [string, ...string[]] {
  return ["sh", "-c", script];
}

test("a program's exit code, output and duration are told", async () => {
  const end = await run({ command: shell("echo out; echo err >&2; exit 3") });

  expect(end).toMatchObject({
    cause: "exited",
    exitCode: 3,
    exitSignal: null,
    tail: "out\nerr\n",
    outputBytes: 8,
    leftBehind: 0,
  });
  expect(end.endedAt).toBeGreaterThanOrEqual(end.startedAt);
  expect(readFileSync(end.file, "utf8")).toBe("out\nerr\n");
});

test("output is appended to what the file already holds, and only what is new counts", async () => {
  const outputFile = join(temporaryFolder(), "output.log");
  writeFileSync(outputFile, "before\n");
  const lines: string[] = [];

  const end = await run({
    command: shell("echo after"),
    outputFile,
    onLine: (line) => void lines.push(line),
  });

  expect(end.tail).toBe("after\n");
  expect(lines).toEqual(["after"]);
  expect(readFileSync(outputFile, "utf8")).toBe("before\nafter\n");
});

test("100 MB of output end in the file and not in memory", async () => {
  const folder = temporaryFolder();
  const script = join(folder, "run.ts");
  const options = {
    command: [runtime, fixture("flood.mjs"), "100"],
    cwd: folder,
    outputFile: join(folder, "flood.log"),
    mark: newMark(),
  };
  // In a process of its own, for the memory of this one is shared with other tests.
  writeFileSync(
    script,
    `import { runProcess } from ${JSON.stringify(runner)};
    const before = process.resourceUsage().maxRSS;
    let lines = 0;
    const signal = new AbortController().signal;
    const end = await runProcess({ ...${JSON.stringify(options)}, signal, onLine: () => void lines++ });
    const grewKb = process.resourceUsage().maxRSS - before;
    console.log(JSON.stringify({ lines, grewKb, bytes: end.outputBytes, tail: end.tail.length, exitCode: end.exitCode }));`,
  );

  const measured = JSON.parse((await run({ command: [runtime, "--conditions=mai-source", script] })).tail);

  expect(measured).toMatchObject({
    lines: 100 * 1024,
    bytes: 100 * 1024 * 1024,
    tail: 64 * 1024,
    exitCode: 0,
  });
  expect(statSync(options.outputFile).size).toBe(measured.bytes);
  // Kept as text, what was printed would be more than all of its 100 MB.
  expect(measured.grewKb).toBeLessThan(90 * 1024);
});

test("a program that prints nothing is no trouble", async () => {
  expect(await run({ command: ["true"] })).toMatchObject({
    cause: "exited",
    exitCode: 0,
    tail: "",
    outputBytes: 0,
  });
});

test("garbage, half lines and invalid UTF-8 come as lines, and the file keeps every byte", async () => {
  const lines: string[] = [];

  const end = await run({
    command: shell(
      "printf 'ok\\n\\377\\376broken\\n\\000null\\n'; sleep 0.15; printf 'hal'; sleep 0.15; printf 'f\\nrest'",
    ),
    onLine: (line) => void lines.push(line),
  });

  expect(lines).toEqual(["ok", "\ufffd\ufffdbroken", "\0null", "half", "rest"]);
  expect(readFileSync(end.file).subarray(3, 5)).toEqual(Buffer.from([0xff, 0xfe]));
});

test("a line of 5 MB is handed out, one over 8 MB is dropped and counted", async () => {
  const lengths: number[] = [];

  const end = await run({
    command: [
      runtime,
      "-e",
      `for (const mb of [5, 9, 0]) process.stdout.write("x".repeat(mb * 1024 * 1024) + "\\n")`,
    ],
    onLine: (line) => void lengths.push(line.length),
  });

  expect(lengths).toEqual([5 * 1024 * 1024, 0]);
  expect(end.droppedLines).toBe(1);
});

test("the tail does not begin in the middle of a character", async () => {
  const end = await run({ command: [runtime, "-e", `process.stdout.write("a" + "\u20ac".repeat(60_000))`] });

  expect(end.tail.startsWith("\u20ac")).toBe(true);
  expect(end.tail).not.toContain("\ufffd");
});

test("a prompt of 1 MB arrives whole on stdin", async () => {
  const end = await run({ command: ["wc", "-c"], stdin: "p".repeat(1024 * 1024) });

  expect(end.tail.trim()).toBe("1048576");
});

test("a program that never reads its 1 MB prompt is no trouble", async () => {
  const prompt = "p".repeat(1024 * 1024);

  expect(await run({ command: shell("exec 0<&-; exit 0"), stdin: prompt })).toMatchObject({
    cause: "exited",
    exitCode: 0,
  });
  expect(await run({ command: shell("sleep 60"), stdin: prompt, timeoutMs: 100 })).toMatchObject({
    cause: "timeout",
  });
});

test("without a prompt stdin is empty and at its end", async () => {
  expect(await run({ command: ["cat"] })).toMatchObject({ cause: "exited", exitCode: 0, tail: "" });
});

test("an abort ends the whole tree, also what ignores requests and lives in a session of its own", async () => {
  const controller = new AbortController();
  let pids: number[] = [];
  const running = run({
    command: [runtime, fixture("stubborn.mjs")],
    signal: controller.signal,
    graceMs: 2_000,
    onLine(line) {
      pids = JSON.parse(line).pids;
    },
  });
  await until(() => pids.length === 3);
  expect(pids.every(isAlive)).toBe(true);

  controller.abort();
  const end = await running;

  expect(pids.filter(isAlive)).toEqual([]);
  expect(end).toMatchObject({ cause: "aborted", exitCode: null, exitSignal: "SIGKILL" });
});

test("a program that ends when asked is not killed", async () => {
  const controller = new AbortController();
  const running = run({
    command: shell("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done"),
    signal: controller.signal,
    onLine: (line) => void (line === "up" && controller.abort()),
  });

  const end = await running;
  expect(end).toMatchObject({ cause: "aborted", exitCode: 7 });
  expect(end.tail).toContain("bye\n");
});

test("a signal that was aborted before starts nothing", async () => {
  const end = await run({ command: shell("echo ran"), signal: AbortSignal.abort() });

  expect(end).toMatchObject({ cause: "aborted", tail: "", exitCode: null });
});

test("a background child that outlives its parent is ended", async () => {
  const end = await run({
    command: shell("sleep 300 & echo $!; setsid sleep 300 & echo $!; sleep 0.1; exit 0"),
  });

  const pids = end.tail.trim().split("\n").map(Number);
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(end).toMatchObject({ cause: "exited", exitCode: 0 });
  expect(end.leftBehind).toBeGreaterThanOrEqual(2);
});

test("a background child that hid its mark is still found in the process group", async () => {
  const end = await run({ command: shell("env -u MAI_MARK sleep 300 & echo $!; sleep 0.1; exit 0") });

  expect(isAlive(Number(end.tail))).toBe(false);
});

test("a process with another mark is left alone", async () => {
  const controller = new AbortController();
  let pid = 0;
  const other = run({
    command: shell("echo $$; exec sleep 300"),
    signal: controller.signal,
    onLine(line) {
      pid = Number(line);
    },
  });
  await until(() => pid !== 0);

  await run({ command: shell("sleep 300 & exit 0") });

  expect(isAlive(pid)).toBe(true);
  controller.abort();
  await other;
});

test("an engine started inside an attempt dies with it, children included", async () => {
  const mark = newMark();
  const inner = `MAI_OUTER_MARKS=$MAI_MARK MAI_MARK=inner setsid sh -c 'trap "" TERM; echo $$; sleep 300' & sleep 0.2`;

  const end = await run({ command: shell(inner), mark });

  expect(isAlive(Number(end.tail))).toBe(false);
});

test("a missing directory and a missing program are told apart", async () => {
  const missing = await run({ command: shell("true"), cwd: "/nowhere/at/all" });
  const notThere = await run({ command: ["no-such-program-anywhere"] });
  const file = await run({ command: shell("true"), cwd: fixture("flood.mjs") });

  expect(missing).toMatchObject({
    cause: "not-started",
    startFailure: { code: "ENOENT", message: "the directory /nowhere/at/all does not exist" },
  });
  expect(notThere).toMatchObject({
    cause: "not-started",
    startFailure: { code: "ENOENT", message: "the program no-such-program-anywhere was not found" },
  });
  expect(file.startFailure?.code).toBe("ENOTDIR");
});

test("a file that may not be run is a value too", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "plain"), "not a program", { mode: 0o600 });

  expect(await run({ command: [join(folder, "plain")] })).toMatchObject({
    cause: "not-started",
    startFailure: { code: "EACCES" },
  });
});

test("an argument that is too long is a value too", async () => {
  const end = await run({ command: ["echo", "x".repeat(300_000)] });

  expect(end).toMatchObject({ cause: "not-started", startFailure: { code: "E2BIG" } });
});

test("an output file that cannot be written starts nothing", async () => {
  const end = await run({ command: shell("true"), outputFile: "/nowhere/at/all/output.log" });

  expect(end.cause).toBe("not-started");
  expect(end.startFailure?.message).toContain("cannot write /nowhere/at/all/output.log");
});

test("a deadline ends a program", async () => {
  const end = await run({ command: shell("echo $$; sleep 300"), timeoutMs: 150 });

  expect(end).toMatchObject({ cause: "timeout", exitSignal: "SIGTERM" });
  expect(isAlive(Number(end.tail))).toBe(false);
});

test("a deadline longer than timers can wait does not fire at once", async () => {
  expect(await run({ command: shell("sleep 0.1"), timeoutMs: 2 ** 40 })).toMatchObject({ cause: "exited" });
});

test("what a program prints is a sign of life, with or without a line break; its silence is none", async () => {
  const cwd = temporaryFolder();
  let signs = 0;

  await run({
    command: shell(
      "printf x; until [ -e 1 ]; do sleep 0.02; done; printf y; until [ -e 2 ]; do sleep 0.02; done; exit 0",
    ),
    cwd,
    aliveEveryMs: 20,
    onAlive: () => writeFileSync(join(cwd, String(++signs)), ""),
  });

  // One for each print, and the end.
  expect(signs).toBe(3);
});

test("signs of life keep the distance that is asked for", async () => {
  let signs = 0;

  await run({
    command: shell("for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.02; done"),
    aliveEveryMs: 10_000,
    onAlive: () => void signs++,
  });

  expect(signs).toBeLessThanOrEqual(2);
});

test("a program that lingers after its work counts as alive until it is ended", async () => {
  let signs = 0;

  await run({
    command: shell("echo result; sleep 300"),
    lingerMs: 1_000,
    onLine: () => "done",
    aliveEveryMs: 50,
    onAlive: () => void signs++,
  });

  expect(signs).toBeGreaterThan(4);
});

test("when its reader says that the work is over, a program that lingers is ended", async () => {
  const end = await run({
    command: shell("echo result; sleep 300"),
    lingerMs: 100,
    onLine: (line) => (line === "result" ? "done" : undefined),
  });

  expect(end).toMatchObject({ cause: "done", exitSignal: "SIGTERM" });
});

test("when its reader says that the work is over, a program that ends by itself keeps its exit code", async () => {
  const end = await run({ command: shell("echo result; sleep 0.2; exit 4"), onLine: () => "done" });

  expect(end).toMatchObject({ cause: "exited", exitCode: 4 });
});

test("a child sees a short list of our variables, its own, and its mark; no secrets", async () => {
  const mark = newMark();
  process.env["SECRET_TOKEN"] = "s3cret";
  process.env["TOOL_SETTING"] = "on";
  process.env["TOOL_INNER"] = "kept back";
  process.env["LC_TEST"] = "C";
  const end = await run({
    command: ["env"],
    mark,
    env: { GIVEN: "yes" },
    envPrefixes: ["TOOL_"],
    envWithheld: new Set(["TOOL_INNER"]),
  });
  for (const name of ["SECRET_TOKEN", "TOOL_SETTING", "TOOL_INNER", "LC_TEST"]) delete process.env[name];

  const names = new Map(
    end.tail
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2) as [string, string]),
  );
  expect(names.get("PATH")).toBe(process.env["PATH"]);
  expect(names.get("MAI_MARK")).toBe(mark);
  expect(names.get("GIVEN")).toBe("yes");
  expect(names.get("TOOL_SETTING")).toBe("on");
  expect(names.get("LC_TEST")).toBe("C");
  expect(names.has("SECRET_TOKEN")).toBe(false);
  expect(names.has("TOOL_INNER")).toBe(false);
});

test("growing output is shown to people while the program runs", async () => {
  const cwd = temporaryFolder();
  const shown: string[] = [];

  await run({
    command: shell(
      "echo one; until [ -e 1 ]; do sleep 0.02; done; echo two; until [ -e 2 ]; do sleep 0.02; done",
    ),
    cwd,
    onGrowth(tail) {
      shown.push(tail);
      writeFileSync(join(cwd, String(shown.length)), "");
    },
  });

  expect(shown).toEqual(["one\n", "one\ntwo\n"]);
});

test("after a run nothing keeps this process alive", async () => {
  const script = join(temporaryFolder(), "run.ts");
  writeFileSync(
    script,
    `import { runProcess } from ${JSON.stringify(runner)};
    const signal = new AbortController().signal;
    await runProcess({ command: ["sh", "-c", "sleep 300 & exit 0"], cwd: "/", outputFile: ${JSON.stringify(`${script}.log`)}, mark: ${JSON.stringify(newMark())}, signal, timeoutMs: 600_000, onAlive() {}, stdin: "x" });`,
  );
  const bun = process.versions["bun"] !== undefined;
  const flags = bun ? ["--conditions=mai-source"] : ["--conditions=mai-source", "--no-warnings"];

  const end = await run({ command: [runtime, ...flags, script], timeoutMs: 20_000 });

  expect(end.tail).toBe("");
  expect(end).toMatchObject({ cause: "exited", exitCode: 0 });
});
