import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFarmTask } from "mai-orchestration-core/seed";
import { describe, expect, test } from "vitest";
import { bwrapInstallCommand, commandAgent, findProgram, probeWall } from "../src/index.ts";
import { commandLine, processIds } from "../src/process/process-table.ts";
import { behindWall } from "../src/process/wall.ts";
import { newMark, type Run, run, temporaryFolder, until } from "./helpers.ts";

const hasWall = process.platform === "linux" && (await wallIsHere());

/** Installs bwrap where that can be done. In CI its absence fails the tests; elsewhere it is said. */
async function wallIsHere(): Promise<boolean> {
  const path = process.env["PATH"] ?? "";
  if (findProgram("bwrap", path) === null && process.getuid?.() === 0) {
    const [program = "", ...args] = `${bwrapInstallCommand} -y`.split(" ");
    const options = { stdio: "ignore", timeout: 120_000 } as const;
    if (spawnSync(program, args, options).status !== 0) {
      spawnSync("apt-get", ["update"], options);
      spawnSync(program, args, options);
    }
  }
  const trouble = await probeWall();
  if (trouble === null) return true;
  const message = `The tests of the wall cannot run: ${trouble}`;
  if ((process.env["CI"] ?? "") !== "") throw new Error(message);
  console.warn(`\n!!! ${message}\n`);
  return false;
}

function runWalled(options: Run): ReturnType<typeof run> {
  const mark = options.mark ?? newMark();
  return behindWall(mark, () => run({ ...options, mark }));
}

describe.runIf(hasWall)("behind a wall", () => {
  test("a program has its folder, its input, its output and its exit code as without one", async () => {
    const cwd = temporaryFolder();

    const end = await runWalled({
      command: ["sh", "-c", "cat; pwd; echo x > file; exit 3"],
      cwd,
      stdin: "in\n",
    });

    expect(end).toMatchObject({ cause: "exited", exitCode: 3, tail: `in\n${cwd}\n` });
    expect(readFileSync(join(cwd, "file"), "utf8")).toBe("x\n");
  });

  test("it sees no process but its own", async () => {
    const end = await runWalled({ command: ["sh", "-c", "ls /proc | grep -c '^[0-9]*$'"] });

    expect(Number(end.tail)).toBeLessThan(6);
  });

  test("what dropped its environment and its group ends with the attempt all the same", async () => {
    const controller = new AbortController();
    const secret = `secret-${newMark()}`;
    const script = `env -i setsid sh -c 'trap "" TERM; echo up; sleep 300; : ${secret}' & wait`;
    let isUp = false;
    const running = runWalled({
      command: ["sh", "-c", script],
      signal: controller.signal,
      graceMs: 1_000,
      onLine(line) {
        isUp ||= line === "up";
      },
    });
    await until(() => isUp);
    expect(programsWith(secret).length).toBeGreaterThan(0);

    controller.abort();

    expect(await running).toMatchObject({ cause: "aborted" });
    expect(programsWith(secret)).toEqual([]);
  });

  test("a program that ends when asked is asked, and not killed", async () => {
    const controller = new AbortController();
    const end = await runWalled({
      command: ["sh", "-c", "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done"],
      signal: controller.signal,
      onLine: (line) => void (line === "up" && controller.abort()),
    });

    expect(end).toMatchObject({ cause: "aborted", exitCode: 7 });
    expect(end.tail).toContain("bye\n");
  });

  test("an agent with a sandbox runs its attempts there", async () => {
    const folder = temporaryFolder();
    const agent = commandAgent({ id: "a", capabilities: ["test"], maxConcurrent: 1, sandbox: "bwrap" });
    const task = { ...createFarmTask("test", "Look", "it is seen"), command: "readlink /proc/self/ns/pid" };
    const context = {
      signal: new AbortController().signal,
      workspace: folder,
      root: folder,
      outputFile: join(folder, "output.log"),
      mark: newMark(),
      report: () => {},
    };
    const asked = { runId: "run", task, attempt: 1, feedback: null, sessionId: null };

    const outcome = await agent.run(asked, context);

    expect(outcome).toMatchObject({ type: "answered", output: expect.stringMatching(/^pid:\[\d+\]\n$/) });
    expect(outcome.output.trim()).not.toBe(
      spawnSync("readlink", ["/proc/self/ns/pid"], { encoding: "utf8" }).stdout.trim(),
    );
  });
});

test("without bwrap nothing is started, and the reason says how to install it", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = temporaryFolder();
  const end = await runWalled({ command: ["true"] });
  process.env["PATH"] = path;

  expect(end).toMatchObject({
    cause: "not-started",
    startFailure: { message: `bwrap was not found; install it with: ${bwrapInstallCommand}` },
  });
});

test("an unknown sandbox is refused", () => {
  const options = { id: "a", capabilities: ["test"], maxConcurrent: 1, sandbox: "moat" } as const;

  // biome-ignore lint/suspicious/noExplicitAny: what a caller without types may pass
  expect(() => commandAgent(options as any)).toThrow('sandbox "moat" is unknown');
});

function programsWith(text: string): string[] {
  return processIds().flatMap((pid) => commandLine(pid).filter((argument) => argument.includes(text)));
}
