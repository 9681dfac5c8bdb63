import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WorkerIdentity } from "mai-orchestration-engine";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCustody } from "../src/index.ts";
import { Guard } from "../src/process/guard.ts";
import { guardCommand, guardMark } from "../src/process/guard-script.ts";
import { standingGuards } from "../src/process/guards.ts";
import { markedProcesses } from "../src/process/process-table.ts";
import { isAlive, newMark, temporaryFolder, until } from "./helpers.ts";

const engineProgram = fileURLToPath(new URL("support/engine.ts", import.meta.url));

interface TestEngine {
  readonly child: ChildProcess;
  readonly self: WorkerIdentity;
  readonly run: string;
  /** What its processes printed, line by line. */
  readonly lines: readonly string[];
  /** Resolves the number that a process printed as `name=NUMBER`. */
  pid(name: string): Promise<number>;
  kill(): Promise<void>;
}

interface EngineOptions {
  readonly guardAfter?: number | "none";
  readonly env?: Record<string, string>;
}

async function engine(commands: readonly string[], options: EngineOptions = {}): Promise<TestEngine> {
  const run = newMark();
  const { guardAfter = 300, env = {} } = options;
  const child = spawn(
    process.execPath,
    ["--conditions=mai-source", engineProgram, temporaryFolder(), run, `${guardAfter}`, ...commands],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env }, detached: true },
  );
  const lines: string[] = [];
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += chunk;
    lines.splice(0, lines.length, ...text.split("\n").slice(0, -1));
  });
  await until(() => lines.length > 0);
  const self = JSON.parse(lines[0] ?? "") as WorkerIdentity;
  onTestFinished(() => {
    child.kill("SIGKILL");
    for (const pid of markedProcesses(guardMark(self.workerId))) process.kill(pid, "SIGKILL");
  });
  return {
    child,
    self,
    run,
    lines,
    async pid(name) {
      const prefix = `${name}=`;
      await until(() => lines.some((line) => line.startsWith(prefix)));
      return Number(lines.find((line) => line.startsWith(prefix))?.slice(prefix.length));
    },
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

const guardsOf = ({ self }: TestEngine): number[] => standingGuards(self.workerId).map(({ pid }) => pid);
const gone = (one: TestEngine): Promise<void> => until(() => guardsOf(one).length === 0);

const deaf = (name: string): string => `trap '' TERM HUP INT; echo ${name}=$$; while :; do sleep 0.1; done`;

describe.runIf(process.platform === "linux")("the guard", () => {
  test("ends all that an engine left, deaf ones and those of other sessions too, and then itself", async () => {
    const one = await engine([
      "echo plain=$$; exec sleep 300",
      deaf("deaf"),
      `setsid sh -c "${deaf("away").replaceAll("$", "\\$")}" & wait`,
      "echo stopped=$$; kill -STOP $$; sleep 300",
    ]);
    const pids = await Promise.all(["plain", "deaf", "away", "stopped"].map((name) => one.pid(name)));
    expect(guardsOf(one)).toHaveLength(1);

    await one.kill();
    await gone(one);

    expect(pids.filter(isAlive)).toEqual([]);
    expect(markedProcesses(guardMark(one.self.workerId))).toEqual([]);
  });

  test("touches nothing of an engine that lives, not even one that is halted, nor of another engine that died", async () => {
    const other = await engine(["echo other=$$; exec sleep 300"], { guardAfter: 600_000 });
    const halted = await engine(["echo halted=$$; exec sleep 300"]);
    const dying = await engine(["echo dying=$$; exec sleep 300"]);
    const pids = await Promise.all([other.pid("other"), halted.pid("halted"), dying.pid("dying")]);
    halted.child.kill("SIGSTOP");
    await other.kill();

    await dying.kill();
    await gone(dying);

    expect(pids.map(isAlive)).toEqual([true, true, false]);
    expect([other, halted].map((one) => guardsOf(one).length)).toEqual([1, 1]);
    for (const { pid } of standingGuards(other.self.workerId)) process.kill(pid, "SIGKILL");
  });

  test("ends at once with an engine that ends in order, and soon after the last process of one that stays", async () => {
    const brief = await engine(["echo brief=$$; sleep 0.1"], { guardAfter: 600_000 });
    await once(brief.child, "exit");
    await gone(brief);

    const stays = await engine(["echo stays=$$; sleep 0.1"], { guardAfter: 600_000, env: { STAY: "yes" } });
    await until(() => stays.lines.includes("over"));
    await gone(stays);

    expect(stays.child.exitCode).toBe(null);
  });

  test("ends as soon as nothing is left to guard, however long it might wait", async () => {
    const one = await engine(["echo short=$$; exec sleep 300"], { guardAfter: 600_000 });
    const pid = await one.pid("short");
    await one.kill();
    expect(guardsOf(one)).toHaveLength(1);

    process.kill(pid, "SIGKILL");

    await gone(one);
  });

  test("is reached by no hang-up and no Ctrl-C of the engine's terminal and group", async () => {
    const one = await engine(["trap '' HUP INT; echo kept=$$; while :; do sleep 0.1; done"]);
    const pid = await one.pid("kept");
    const guards = guardsOf(one);

    process.kill(-one.self.pid, "SIGHUP");
    await once(one.child, "exit");

    expect(guards.map(isAlive)).toEqual([true]);
    await gone(one);
    expect(isAlive(pid)).toBe(false);
  });

  test("is told by nobody else that the engine lives: no process of it has the pipe open", async () => {
    // One that drops its environment is found by nobody without a wall; here it only outlives the pipe's other end.
    const one = await engine([
      "env -i PATH=$PATH setsid sh -c 'echo nameless=$$; exec sleep 300' & wait",
      "echo named=$$; exec sleep 300",
    ]);
    const [nameless, named] = await Promise.all([one.pid("nameless"), one.pid("named")]);

    await one.kill();
    await gone(one);

    expect([nameless, named].map(isAlive)).toEqual([true, false]);
    process.kill(nameless, "SIGKILL");
  });

  test("stands down for who takes over, whose own guard has what was taken then", async () => {
    const dead = await engine(["echo taken=$$; exec sleep 300"], { guardAfter: 600_000 });
    const pid = await dead.pid("taken");
    await dead.kill();
    const custody = createCustody({ guardAfterMs: 600_000 });

    expect(await custody.takeOver(dead.self, `${dead.run}/task/0`)).toBe(true);

    await gone(dead);
    expect(isAlive(pid)).toBe(true);
    expect(standingGuards(custody.self.workerId)).toHaveLength(1);
    expect(await custody.takeOver(dead.self, `${dead.run}/task/0`)).toBe(true);
    process.kill(pid, "SIGKILL");
    await until(() => standingGuards(custody.self.workerId).length === 0);
  });

  test("ends what its engine had taken over from another, when that one dies too", async () => {
    const dead = await engine(["echo taken=$$; exec sleep 300"], { guardAfter: 600_000 });
    const pid = await dead.pid("taken");
    await dead.kill();
    // As the second engine's guard stands, without the engine.
    const guard = spawnGuard("worker-second");

    guard.stdin?.write(`too another/task/1\ntoo ${dead.run}/task/0\n`);
    guard.stdin?.end();
    await once(guard, "exit");

    expect(isAlive(pid)).toBe(false);
  });

  test("that has begun to end is not told to stand down, and what it ends is not taken over", async () => {
    const dead = await engine([deaf("begun")], { guardAfter: 50 });
    const pid = await dead.pid("begun");
    await dead.kill();
    await until(() => standingGuards(dead.self.workerId).some(({ ends }) => ends));

    expect(await createCustody().takeOver(dead.self, `${dead.run}/task/0`)).toBe(false);

    await gone(dead);
    expect(isAlive(pid)).toBe(false);
  });

  test("of an engine inside an attempt ends with that attempt", async () => {
    const inner = `${process.execPath} --conditions=mai-source ${engineProgram} . inner-run 600000 'echo inner=$$; exec sleep 300'`;
    const outer = await engine([inner], { guardAfter: 600_000 });
    const pid = await outer.pid("inner");
    const guards = standingGuards().filter((guard) => markIn(guard.pid).startsWith(outer.run));
    expect(guards).toHaveLength(1);

    outer.child.kill("SIGUSR2");
    await until(() => outer.lines.includes("over"));

    expect([pid, ...guards.map((guard) => guard.pid)].filter(isAlive)).toEqual([]);
  });

  test("is not there when it is not wanted", async () => {
    const one = await engine(["echo free=$$; exec sleep 300"], { guardAfter: "none" });
    const pid = await one.pid("free");

    expect(guardsOf(one)).toEqual([]);
    process.kill(pid, "SIGKILL");
  });

  test("that somebody killed is replaced with the next process", async () => {
    const guard = new Guard(`worker-${newMark()}`, 600_000);
    const leave = guard.enter();
    await until(() => standingGuards(guard.workerId).length === 1);
    for (const { pid } of standingGuards(guard.workerId)) process.kill(pid, "SIGKILL");
    await until(() => standingGuards(guard.workerId).length === 0);
    // The runtime hears of the death in a turn of its own.
    await expect.poll(() => guard.enter() && standingGuards(guard.workerId).length).toBe(1);

    leave();
    for (const { pid } of standingGuards(guard.workerId)) process.kill(pid, "SIGKILL");
  });
});

function markIn(pid: number): string {
  const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return entries.find((entry) => entry.startsWith("MAI_MARK="))?.slice("MAI_MARK=".length) ?? "";
}

function spawnGuard(workerId: string): ChildProcess {
  return spawn("sh", [...guardCommand(workerId, 100)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
}
