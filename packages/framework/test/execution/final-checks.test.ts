import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, mai, planText, startMai } from "../support/test-io.ts";

function workTree(files: Readonly<Record<string, string>>): string {
  const cwd = folder(files);
  spawnSync("git", ["init", "-q"], { cwd });
  return cwd;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("a file that git ignores and a later task removed takes the verdict away, though the tree is the same", async () => {
  const cwd = workTree({
    ".gitignore": "dist\n",
    "plan.json": planText({
      a: { command: "mkdir dist && touch dist/x", verify: ["test -f dist/x"] },
      b: { command: "rm -r dist", depends_on: ["a"] },
    }),
  });

  const { code, out } = await mai(cwd, ["run", "plan.json"]);

  expect(out).toMatch(/a +failed.*test -f dist\/x exited with 1/);
  expect(code).toBe(1);
});

test("checks that changed the tree are repeated, though nobody else worked", async () => {
  const cwd = workTree({
    "plan.json": planText({ a: { command: "true", verify: ["test ! -e made", "touch made"] } }),
  });

  const { code, out } = await mai(cwd, ["run", "plan.json"]);

  expect(out).toMatch(/a +failed.*test ! -e made exited with 1/);
  expect(code).toBe(1);
});

test("only checks after which somebody worked are repeated, equal ones once, other timeouts apart", async () => {
  const cwd = folder({
    "plan.json": planText({
      a: { command: "true", verify: ["echo early >> ran"] },
      b: { command: "true", verify: ["echo early >> ran"] },
      c: { command: "true", verify: [{ command: "echo early >> ran", timeout: "1m" }] },
      d: { command: "sleep 0.1", verify: ["echo last >> ran"], depends_on: ["a", "b", "c"] },
    }),
  });

  const { code } = await mai(cwd, ["run", "plan.json"]);

  expect(code).toBe(0);
  const early = (times: number): string[] => Array.from({ length: times }, () => "early");
  expect(linesOf(join(cwd, "ran"))).toEqual([...early(3), "last", ...early(2)]);
});

// Elsewhere no mark of another process can be read.
const onLinux = test.skipIf(process.platform !== "linux");

onLinux("resume ends the repeated check that a killed engine left, before it runs it again", async () => {
  // The second one hangs; the third passes when the second is dead. What is dead has no command line.
  const secondIsDead = `test -z "$(tr -d '\\0' < /proc/$(sed -n 2p pids)/cmdline)"`;
  const check = `echo $$ >> pids; case $(wc -l < pids) in 2) sleep 60;; 3) ${secondIsDead};; esac`;
  const cwd = folder({
    "plan.json": planText({
      a: { command: "true", verify: [check] },
      b: { command: "true", depends_on: ["a"] },
    }),
  });
  const pids = (): number[] => linesOf(join(cwd, "pids")).map(Number);
  const run = startMai(cwd, ["run", "plan.json"]);
  await expect.poll(() => pids().length, { timeout: 10_000 }).toBe(2);

  run.child.kill("SIGKILL");
  await run.ended;
  const left = pids()[1] ?? 0;
  expect(isAlive(left)).toBe(true);
  const resumed = await mai(cwd, ["resume"]);

  expect(resumed.code).toBe(0);
  expect(pids()).toHaveLength(3);
  expect(isAlive(left)).toBe(false);
});
