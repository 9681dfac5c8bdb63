import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCustody, findProgram } from "../src/index.ts";
import { survivorsWithoutMarks } from "../src/process/end-processes.ts";
import { isAlive, newMark, temporaryFolder, until } from "./helpers.ts";

const custody = createCustody();

function start(script: string, mark?: string): { pid: number; ended: Promise<unknown> } {
  const env = mark === undefined ? process.env : { ...process.env, MAI_MARK: mark };
  const child = spawn("sh", ["-c", script], { detached: true, stdio: "ignore", env });
  return { pid: child.pid ?? 0, ended: once(child, "exit") };
}

test("this process is not dead, and the same one for every asker", () => {
  expect(custody.isDead(custody.self)).toBe(false);
  expect(createCustody().self).toMatchObject({
    pid: process.pid,
    started: custody.self.started,
    host: custody.self.host,
  });
  expect(createCustody().self.workerId).not.toBe(custody.self.workerId);
});

test("a worker whose pid nobody has, or somebody else has now, is dead", async () => {
  const { pid, ended } = start("exit 0");
  await ended;

  expect(custody.isDead({ ...custody.self, pid })).toBe(true);
  expect(custody.isDead({ ...custody.self, started: "1" })).toBe(true);
});

test("a worker of another machine is never called dead", () => {
  expect(custody.isDead({ ...custody.self, pid: 2 ** 22 + 7, host: "elsewhere" })).toBe(false);
});

test.runIf(process.platform === "linux")("a worker of an earlier boot of this machine is dead", () => {
  const [name, , namespace] = custody.self.host.split(" ");
  const host = `${name} 00000000-0000-0000-0000-000000000000 ${namespace}`;

  expect(custody.isDead({ ...custody.self, host })).toBe(true);
});

test("a dead worker whose parent has not collected it is dead", async () => {
  // The inner shell ends at once; the outer one has become a program that never collects it.
  const child = spawn("sh", ["-c", "sh -c 'exit 0' & echo $!; exec sleep 300"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const pid = Number(chunk.toString());
  await until(() => !isAlive(pid));

  expect(custody.isDead({ ...custody.self, pid })).toBe(true);
  child.kill("SIGKILL");
});

test("reaping ends every process that carries the mark, stubborn ones and those of other sessions too, and no other", async () => {
  const mark = newMark();
  const stubborn = start(
    "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 300\" & while :; do sleep 1; done",
    mark,
  );
  const longer = start("exec sleep 300", `${mark}0`);
  const unmarked = start("exec sleep 300");
  await until(() => isAlive(stubborn.pid));

  await custody.reap(mark);

  expect(isAlive(stubborn.pid)).toBe(false);
  expect([longer.pid, unmarked.pid].map(isAlive)).toEqual([true, true]);
  for (const { pid } of [longer, unmarked]) process.kill(-pid, "SIGKILL");
});

test("what an engine that was killed left running is still writing, and is found by its mark", async () => {
  const folder = temporaryFolder();
  const mark = newMark();
  const outputFile = join(folder, "output.log");
  const engine = join(folder, "engine.ts");
  const command = ["sh", "-c", "echo $$; while :; do echo still here; sleep 0.05; done"];
  const options = { command, cwd: folder, outputFile, mark };
  const runner = new URL("../src/process/run-process.ts", import.meta.url).href;
  writeFileSync(
    engine,
    `import { runProcess } from ${JSON.stringify(runner)};
    await runProcess({ ...${JSON.stringify(options)}, signal: new AbortController().signal });`,
  );
  const child = spawn(process.execPath, ["--conditions=mai-source", engine], { stdio: "ignore" });
  const output = (): string => (existsSync(outputFile) ? readFileSync(outputFile, "utf8") : "");
  await until(() => output().includes("still here"));

  child.kill("SIGKILL");
  await once(child, "exit");
  const length = output().length;
  await until(() => output().length > length);
  const pid = Number(output().split("\n")[0]);
  expect(isAlive(pid)).toBe(true);
  await custody.reap(mark);

  expect(isAlive(pid)).toBe(false);
});

test("reaping a mark that nobody carries resolves at once; an empty mark is a bug", async () => {
  await custody.reap(newMark());

  await expect(custody.reap("")).rejects.toThrow("never by an empty one");
});

const hasPs = findProgram("ps", process.env["PATH"] ?? "") !== null;

test.skipIf(!hasPs)(
  "without marks a tree is found by its group and by those seen below it before",
  async () => {
    const { pid, ended } = start("setsid sleep 300 & sleep 300 & wait");
    const survivors = survivorsWithoutMarks(pid);
    await until(() => {
      survivors.note();
      return survivors.find().pids.length >= 3;
    });

    process.kill(pid, "SIGKILL");
    await ended;

    const left = survivors.find().pids;
    expect(left).toHaveLength(2);
    for (const survivor of left) process.kill(survivor, "SIGKILL");
    await until(() => survivors.find().pids.length === 0);
  },
);
