/** No work is ever lost: engines that are killed at any step of git, and what is left of what attempts wrote. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { git, repository, userState, writeFiles } from "../support/repository.ts";
import { mai, planText } from "../support/test-io.ts";

const program = fileURLToPath(new URL("../support/isolated-engine.ts", import.meta.url));

/** Resolves the signal that ended it, or `null` and what it printed. */
function engine(
  root: string,
  when: string,
  at: number,
): Promise<{ killed: boolean; out: string; err: string }> {
  const words = ["--conditions=mai-source", program, root, when, String(at)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
  });
  return new Promise((resolve) => {
    child.on("close", (_, signal) => resolve({ killed: signal === "SIGKILL", out, err }));
  });
}

/** Two tasks in a row, the first of which fails once; every attempt writes a file and then its name into a log outside. */
function scene(): string {
  const write = 't=$(cat /proc/sys/kernel/random/uuid); echo "$t" > "w-$t.txt"; echo "$t" >> "$LOG"';
  const root = repository({ ".gitignore": "plan.json\nlog\ntried\n", "a.txt": "a\n" });
  const retry = { max_attempts: 2, max_lost: 1_000, backoff: "1ms" };
  const tasks = {
    a: { command: `${write}; test -e tried || { touch tried; exit 1; }`, verify: ["test -e a.txt"] },
    b: { command: write, depends_on: ["a"] },
  };
  const defaults = { isolation: "worktree", retry, env: { LOG: join(root, "log") } };
  writeFiles(root, { "plan.json": planText(tasks, { defaults }), log: "" });
  return root;
}

/** Every file that some branch of the run or some salvage ref holds. */
function keptFiles(root: string): ReadonlySet<string> {
  const refs = git(root, "for-each-ref", "--format=%(refname)", "refs/heads/mai", "refs/mai/salvage").split(
    "\n",
  );
  return new Set(
    refs.filter(Boolean).flatMap((ref) => git(root, "ls-tree", "-r", "--name-only", ref).split("\n")),
  );
}

function lostFiles(root: string): string[] {
  const kept = keptFiles(root);
  const written = readFileSync(join(root, "log"), "utf8").split("\n").filter(Boolean);
  expect(written.length).toBeGreaterThan(2);
  return written.filter((name) => !kept.has(`w-${name}.txt`));
}

// Elsewhere the processes of a killed engine cannot be found by their mark.
const onLinux = test.skipIf(process.platform !== "linux");

/** Every step takes minutes: `MAI_EVERY_KILL=1` asks for it. The few of every day are spread over all of a run. */
const isThorough = process.env["MAI_EVERY_KILL"] === "1";

onLinux(
  "an engine killed again and again, each time some steps of git later, loses nothing that an attempt wrote",
  async () => {
    const root = scene();
    const before = userState(root);

    let kills = 0;
    for (let at = 2; ; at += isThorough ? 1 : 9) {
      const { killed, err } = await engine(root, kills % 2 === 0 ? "after" : "before", at);
      if (!killed) {
        expect(err).toBe("");
        break;
      }
      kills++;
    }

    expect(kills).toBeGreaterThan(2);
    expect(lostFiles(root)).toEqual([]);
    expect(userState(root)).toBe(before);
    expect((await mai(root, ["audit"])).code).toBe(0);
    expect(git(root, "worktree", "list", "--porcelain").split("\n\n").filter(Boolean)).toHaveLength(1);
  },
  600_000,
);

onLinux(
  "an engine killed at a step of a run from its start loses nothing, and the run ends as if it had not been",
  async () => {
    let kills = 0;
    for (let at = 7; ; at += isThorough ? 1 : 17) {
      const root = scene();
      const { killed } = await engine(root, at % 2 === 0 ? "after" : "before", at);
      if (!killed) break;
      kills++;
      const second = await engine(root, "never", 0);

      expect(second).toMatchObject({ killed: false, err: "" });
      expect(lostFiles(root)).toEqual([]);
      const { out } = await mai(root, ["status", "--json"]);
      const { tasks } = JSON.parse(out) as { tasks: { result: { verdict: string } }[] };
      expect(tasks.map(({ result }) => result.verdict)).toEqual(["verified", "unverified"]);
    }
    expect(kills).toBeGreaterThan(1);
  },
  3_600_000,
);
