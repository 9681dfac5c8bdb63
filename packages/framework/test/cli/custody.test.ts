/** What is left of runs whose process was killed, hung up on, or told to stop. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "mai-orchestration-agents";
import { markedProcesses } from "mai-orchestration-testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { folder, jsonLines, mai, planText, selfWords, startMai } from "../support/test-io.ts";

const deaf = (file: string): string => `trap '' TERM INT HUP; echo $$ > ${file}; while :; do sleep 0.1; done`;
const isLinux = process.platform === "linux";

const has = (cwd: string, ...files: string[]): boolean => files.every((file) => existsSync(join(cwd, file)));
const config = (text: string): Record<string, string> => ({ "mai.config.yaml": `${text}\n` });

vi.setConfig({ testTimeout: 60_000 });

/** On a busy machine a program may take its time to start. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 25_000 });

/** The processes of the first attempt of a task of the newest run. */
async function left(cwd: string, task: string): Promise<readonly number[]> {
  const { runId } = jsonLines((await mai(cwd, ["ps", "--json"])).out)[0] ?? {};
  return markedProcesses(`${runId}/${task}/1`);
}

/** The guards that watch over what an engine starts. */
function guardsOf(engine: number | undefined): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return words.includes("mai-guard") && words.includes(`worker-${engine}-`);
    } catch {
      return false; // No process, or gone since.
    }
  });
}

describe.runIf(isLinux)("after kill -9 of mai", () => {
  test("a guard ends what it left when nobody takes over, doctor names it until then, and resume goes on", async () => {
    const cwd = folder({
      ...config("guard_after: 2s"),
      "leave.sh": deaf("pid-left"),
      "plan.json": planText({
        a: `test -e again && exit; touch again; setsid sh leave.sh & ${deaf("pid-a")}`,
      }),
    });
    const run = startMai(cwd, ["run", "plan.json"]);
    await soon(() => has(cwd, "pid-a", "pid-left")).toBe(true);

    run.child.kill("SIGKILL");
    await run.ended;
    const doctor = await mai(cwd, ["doctor", "--json"]);

    const { findings } = JSON.parse(doctor.out) as { findings: { subject: string; text: string }[] };
    const found = findings.find(({ subject }) => subject === "leftovers");
    expect(found?.text).toMatch(
      /processes of run-.* outlived the process that drove it \(\d+\): \d+, .*; its guard (ends|is ending) them/,
    );
    expect(found?.text).toContain(readFileSync(join(cwd, "pid-left"), "utf8").trim());
    await soon(() => left(cwd, "a")).toEqual([]);
    expect((await mai(cwd, ["doctor", "--json"])).out).not.toContain("leftovers");
    expect((await mai(cwd, ["resume"])).code).toBe(0);
  });

  test("who resumes in time is not disturbed by the guard of the dead", async () => {
    const cwd = folder({
      ...config("guard_after: 15s"),
      "plan.json": planText({ a: "echo $$ >> pids; until [ -e go ]; do sleep 0.1; done; echo done > done" }),
    });
    const run = startMai(cwd, ["run", "plan.json"]);
    await soon(() => has(cwd, "pids")).toBe(true);

    run.child.kill("SIGKILL");
    await run.ended;
    expect(guardsOf(run.child.pid)).not.toEqual([]);
    const resumed = startMai(cwd, ["resume", "--json"]);
    await resumed.prints("attempt.adopted");
    await soon(() => guardsOf(run.child.pid)).toEqual([]);
    writeFileSync(join(cwd, "go"), "");

    expect(await resumed.ended).toBe(0);
    expect(has(cwd, "done")).toBe(true);
    expect(readFileSync(join(cwd, "pids"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  test("nothing is ended where the configuration wants no guard", async () => {
    const cwd = folder({
      ...config("guard: false"),
      "plan.json": planText({ a: "touch up; exec sleep 300" }),
    });
    const run = startMai(cwd, ["run", "plan.json"]);
    await soon(() => has(cwd, "up")).toBe(true);
    run.child.kill("SIGKILL");
    await run.ended;

    expect(await left(cwd, "a")).not.toEqual([]);
    expect((await mai(cwd, ["cancel"])).code).toBe(0);
    expect(await left(cwd, "a")).toEqual([]);
  });
});

test("guard_after beside `guard: false` is refused", async () => {
  const cwd = folder({ ...config("guard: false\nguard_after: 1m"), "plan.json": planText({ a: "true" }) });

  const { code, err } = await mai(cwd, ["run", "plan.json"]);

  expect(code).toBe(4);
  expect(err).toContain("mai.config.yaml:2:1: `guard_after` says when a guard acts");
});

test.runIf(isLinux)(
  "--fail-fast and --timeout leave nothing running, and say cancelled only of what is dead",
  async () => {
    for (const [flags, bad] of [
      [["--fail-fast"], "until [ -e pid-left ]; do sleep 0.05; done; exit 1"],
      [["--timeout", "2s"], "true"],
    ] as const) {
      const cwd = folder({
        "leave.sh": deaf("pid-left"),
        "plan.json": planText({ a: `setsid sh leave.sh & ${deaf("pid-a")}`, bad }),
      });
      const run = startMai(cwd, ["run", "plan.json", "--json", ...flags]);
      await run.prints('"type":"task.cancelled"');
      const aliveWhenSaid = await left(cwd, "a");

      expect(await run.ended).toBe(1);
      expect(aliveWhenSaid).toEqual([]);
    }
  },
);

test("attach's own Ctrl-C leaves the run alone; cancel ends it from a third terminal", async () => {
  const cwd = folder({ "plan.json": planText({ a: "touch up; exec sleep 300" }) });
  const run = startMai(cwd, ["run", "plan.json"]);
  await soon(() => has(cwd, "up")).toBe(true);
  const attached = startMai(cwd, ["attach", "--json"]);
  await attached.prints("attempt.started");

  attached.child.kill("SIGINT");

  expect(await attached.ended).toBe(130);
  expect(attached.err()).toContain("no longer watching");
  expect(run.child.exitCode).toBe(null);
  expect((await mai(cwd, ["cancel"])).code).toBe(0);
  expect(await run.ended).toBe(2);
});

const hasTerminal = isLinux && findProgram("script", process.env["PATH"] ?? "") !== null;

describe.runIf(hasTerminal)("when its terminal is closed", () => {
  /** Runs a command line in a terminal of its own; killing the process closes the terminal. */
  function terminal(
    cwd: string,
    args: readonly string[],
  ): { hangUp(): Promise<void>; over: Promise<unknown> } {
    const line = [...selfWords, ...args].map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-q", "-c", line, "/dev/null"], {
      cwd,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const over = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    return {
      over,
      async hangUp() {
        child.kill("SIGKILL");
        await over;
      },
    };
  }

  test("a run is interrupted and leaves nothing, a detached one goes on, and attach follows it again", async () => {
    const cwd = folder({ "plan.json": planText({ a: "touch up; exec sleep 300" }) });
    const plain = terminal(cwd, ["run", "plan.json"]);
    await soon(() => has(cwd, "up")).toBe(true);
    await plain.hangUp();
    await soon(async () => (await mai(cwd, ["ps"])).out).toContain("interrupted");
    expect(await left(cwd, "a")).toEqual([]);

    const other = folder({ "plan.json": planText({ a: "touch up; until [ -e go ]; do sleep 0.1; done" }) });
    // What is detached outlives a test that fails, too.
    onTestFinished(() => writeFileSync(join(other, "go"), ""));
    await terminal(other, ["run", "plan.json", "--detach"]).over;
    const watching = terminal(other, ["attach"]);
    await soon(() => has(other, "up")).toBe(true);
    await watching.hangUp();
    expect((await mai(other, ["ps"])).out).toContain("open");

    const attached = startMai(other, ["attach", "--json"]);
    await attached.prints("attempt.started");
    writeFileSync(join(other, "go"), "");
    expect(await attached.ended).toBe(0);
  });
});
