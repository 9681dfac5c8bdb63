import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folder, jsonLines, mai, planText, startMai } from "../support/test-io.ts";

const slow = planText({
  quick: "echo quick",
  a: "echo $$ > pid-a; sleep 30",
  b: { command: "true", depends_on: ["a"] },
});

/** One that is dead and only not collected yet does not live. */
function isAlive(pidFile: string): boolean {
  const pid = Number(readFileSync(pidFile, "utf8"));
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("Ctrl-C ends what runs, leaves the run to be resumed, and resume does not repeat what ended", async () => {
  const cwd = folder({
    "plan.json": planText({
      quick: "echo x >> quick",
      a: "echo $$ > pid-a; test -e again || { touch again; sleep 30; }",
    }),
  });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("a      attempt 1 started");
  await run.prints("quick  unverified");
  await expect.poll(() => existsSync(join(cwd, "again"))).toBe(true);

  run.child.kill("SIGINT");
  const code = await run.ended;

  expect(code).toBe(130);
  expect(run.out().trimEnd().split("\n").at(-1)).toMatch(/^Interrupted\. To continue: mai resume run-/);
  expect(isAlive(join(cwd, "pid-a"))).toBe(false);
  expect((await mai(cwd, ["status"])).out).toContain("interrupted; continue with: mai resume");

  const resumed = await mai(cwd, ["resume", "--json"]);

  expect(resumed.code).toBe(0);
  expect(jsonLines(resumed.out)[0]).toMatchObject({ type: "run.resumed", reused: 1, open: 1 });
  expect(readFileSync(join(cwd, "quick"), "utf8")).toBe("x\n");
  expect((await mai(cwd, ["audit"])).code).toBe(0);
});

test.each(["SIGTERM", "SIGHUP"] as const)(
  "%s interrupts too; with --json the last line is run.interrupted",
  async (signal) => {
    const cwd = folder({ "plan.json": slow });
    const run = startMai(cwd, ["run", "plan.json", "--json"]);
    await run.prints('"taskId":"a","attempt":1');

    run.child.kill(signal);
    const code = await run.ended;

    expect(code).toBe(143);
    const last = jsonLines(run.out()).at(-1);
    expect(last).toMatchObject({ type: "run.interrupted", reason: signal });
    expect(last?.["resume"]).toBe(`mai resume ${last?.["runId"]}`);
  },
);

test("a second Ctrl-C ends at once, and nothing that ignores the first outlives it", async () => {
  const deaf = (file: string): string => `trap '' TERM INT; echo $$ > ${file}; while :; do sleep 0.1; done`;
  // Elsewhere there is no setsid, and no mark of another process can be read.
  const leave = process.platform === "linux" ? "setsid sh leave.sh" : "sh leave.sh";
  const cwd = folder({
    "leave.sh": deaf("pid-left"),
    "plan.json": planText({ deaf: `${leave} & ${deaf("pid-a")}` }),
  });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("started");
  await expect.poll(() => existsSync(join(cwd, "pid-a")) && existsSync(join(cwd, "pid-left"))).toBe(true);

  run.child.kill("SIGINT");
  await run.prints("Stopping");
  // Within half a second two are one keystroke, which npx passes on a second time.
  await new Promise((resolve) => setTimeout(resolve, 600));
  run.child.kill("SIGINT");

  expect(await run.ended).toBe(130);
  // Nobody waited for the polite end, after which a run says how to go on.
  expect(run.out()).not.toContain("mai resume");
  expect(isAlive(join(cwd, "pid-a"))).toBe(false);
  expect(isAlive(join(cwd, "pid-left"))).toBe(false);
  expect((await mai(cwd, ["cancel"])).code).toBe(0);
});

test("after kill -9 nothing is lost: status says so, and resume ends what was left and goes on", async () => {
  const cwd = folder({
    "plan.json": planText({
      quick: "echo x >> quick",
      a: "echo $$ >> pids; test -e again || { touch again; sleep 30; }",
    }),
  });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("quick  unverified");
  await expect.poll(() => existsSync(join(cwd, "again"))).toBe(true);

  run.child.kill("SIGKILL");
  await run.ended;
  const status = await mai(cwd, ["status"]);
  const why = await mai(cwd, ["why", "a"]);
  const resumed = await mai(cwd, ["resume"]);

  expect(status.out).toContain("the process that drove it has died");
  expect(why.out).toContain("but the process that ran it has died");
  expect(resumed.code).toBe(0);
  expect(readFileSync(join(cwd, "quick"), "utf8")).toBe("x\n");
  expect(readFileSync(join(cwd, "pids"), "utf8").trim().split("\n")).toHaveLength(2);
});

test("another process sees the run, and cancels it: 2, and nothing is left running", async () => {
  const cwd = folder({ "plan.json": slow });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("a      attempt 1 started");
  await expect.poll(() => existsSync(join(cwd, "pid-a"))).toBe(true);

  const status = JSON.parse((await mai(cwd, ["status", "--json"])).out);
  const cancelled = await mai(cwd, ["cancel"]);
  const code = await run.ended;

  expect(status.run).toMatchObject({ state: "open", driver: "alive" });
  expect(cancelled).toMatchObject({ code: 0, out: expect.stringMatching(/^Cancelled \d tasks of run-/) });
  expect(code).toBe(2);
  expect(isAlive(join(cwd, "pid-a"))).toBe(false);
  expect((await mai(cwd, ["attach", JSON.parse((await mai(cwd, ["ps", "--json"])).out).runId])).code).toBe(2);
});

test("cancelling one task leaves the others to end, and makes 2 of the exit code", async () => {
  const cwd = folder({ "plan.json": planText({ a: "sleep 30", other: "sleep 1" }) });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("a      attempt 1 started");

  await mai(cwd, ["cancel", "a"]);

  expect(await run.ended).toBe(2);
  expect(run.out()).toMatch(/other +unverified/);
});

test("a reader that goes away (| head -1) interrupts the run quietly", async () => {
  const cwd = folder({ "plan.json": planText({ a: "sleep 0.2; echo x", b: "sleep 0.4", c: "sleep 30" }) });
  const run = startMai(cwd, ["run", "plan.json", "--json"]);
  await run.prints("run.created");

  run.child.stdout?.destroy();

  expect(await run.ended).toBe(130);
  expect(run.err()).toMatch(/^Interrupted|^$|^mai: /);
  expect(run.err()).not.toContain("EPIPE");
  expect((await mai(cwd, ["ps"])).out).toContain("interrupted");
});

test("events --follow of another process's run ends with it, and equals its --json", async () => {
  const cwd = folder({
    "plan.json": planText({ a: "sleep 0.5", b: { command: "true", depends_on: ["a"] } }),
  });
  const run = startMai(cwd, ["run", "plan.json", "--json"]);
  await run.prints("run.created");

  const followed = await mai(cwd, ["events", "--follow", "--json"]);
  await run.ended;

  expect(followed.out).toBe(run.out());
});

test("attach shows another process's run until it ends, and exits as it does", async () => {
  const cwd = folder({
    "plan.json": planText({ a: "sleep 0.7", b: { command: "exit 1", depends_on: ["a"] } }),
  });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("attempt 1 started");

  const attached = await mai(cwd, ["attach"]);

  expect(attached.code).toBe(1);
  expect(attached.out).toMatch(/b +failed/);
  expect(await run.ended).toBe(1);
});

test("--detach prints the id of a durable run, which goes on without its starter", async () => {
  const cwd = folder({ "plan.json": planText({ a: "sleep 0.5; touch done" }) });
  const started = startMai(cwd, ["run", "plan.json", "--detach"]);

  expect(await started.ended).toBe(0);
  const runId = started.out().trim();
  expect(runId).toMatch(/^run-[a-z0-9]+-[a-z0-9]+$/);
  const attached = await mai(cwd, ["attach", runId]);

  expect(attached.code).toBe(0);
  expect(existsSync(join(cwd, "done"))).toBe(true);
  const log = join(cwd, ".mai", "logs", runId, "engine.log");
  await expect.poll(() => readFileSync(log, "utf8")).toContain("1 task: 1 unverified");
});

test("--detach says why nothing was started", async () => {
  const cwd = folder({ "plan.json": planText({ a: { type: "review" } }) });
  const started = startMai(cwd, ["run", "plan.json", "--detach"], { PATH: "/bin" });

  expect(await started.ended).toBe(4);
  expect(started.out()).toBe("");
  expect(started.err()).toContain("[agent.not-installed]");
});

test("logs -f prints what an attempt prints while it runs", async () => {
  const cwd = folder({ "plan.json": planText({ a: "for i in 1 2 3; do echo line $i; sleep 0.3; done" }) });
  const run = startMai(cwd, ["run", "plan.json"]);
  await run.prints("attempt 1 started");

  const logs = startMai(cwd, ["logs", "a", "-f"]);

  expect(await logs.ended).toBe(0);
  expect(logs.out()).toBe("line 1\nline 2\nline 3\n");
  await run.ended;
});

test("bin/mai.js answers --version alone, and names what an old Node lacks", () => {
  const bin = fileURLToPath(new URL("../../bin/mai.js", import.meta.url));
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

  const said = spawnSync(process.execPath, [bin, "--version"], { encoding: "utf8" });

  expect(said).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
});
