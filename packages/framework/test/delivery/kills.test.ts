/** A delivery whose engine is killed at any of its steps: it is gone on with, and nothing is merged twice or lost. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { git, repository, writeFiles } from "../support/repository.ts";
import { jsonLines, mai, planText } from "../support/test-io.ts";

const program = fileURLToPath(new URL("../support/isolated-engine.ts", import.meta.url));
/** Every step takes minutes: `MAI_EVERY_KILL=1` asks for it. The few of every day are spread over all of a delivery. */
const isThorough = process.env["MAI_EVERY_KILL"] === "1";
const onLinux = test.skipIf(process.platform !== "linux");

/** `a` and `b` break each other, `c` and `d` contradict each other, `e` is good. */
function scene(): string {
  const root = repository({
    "check.sh": "! { test -e a && test -e b; }\n",
    "text.txt": "one\n",
    ".gitignore": "plan.json\n",
  });
  const tasks = {
    a: "touch a",
    b: "touch b",
    c: "echo c > text.txt",
    d: "echo d > text.txt",
    e: { command: "touch e", depends_on: ["c"] },
    p: { command: "touch p", deliver: "patch" },
  };
  const defaults = {
    isolation: "worktree",
    deliver: "merge",
    verify: ["sh check.sh"],
    retry: { max_lost: 1_000 },
  };
  writeFiles(root, { "plan.json": planText(tasks, { defaults }) });
  return root;
}

function engine(root: string, when: string, at: number): { killed: boolean; err: string } {
  const words = ["--conditions=mai-source", program, root, when, String(at), "delivery"];
  const { signal, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  return { killed: signal === "SIGKILL", err: stderr };
}

onLinux(
  "an engine killed again and again, each time some steps of the delivery later, delivers what one that lives would",
  async () => {
    const root = scene();

    let kills = 0;
    for (let at = 1; ; at += isThorough ? 1 : 7) {
      const { killed, err } = engine(root, kills % 2 === 0 ? "after" : "before", at);
      if (!killed) {
        expect(err).toBe("");
        break;
      }
      kills++;
    }

    expect(kills).toBeGreaterThan(2);
    const events = jsonLines((await mai(root, ["events", "--json"])).out);
    const there = git(root, "ls-tree", "--name-only", "main").split("\n");
    expect(there.includes("a") !== there.includes("b")).toBe(true);
    expect(there.includes("e")).toBe(git(root, "show", "main:text.txt") === "c");
    expect(git(root, "status", "--porcelain")).toBe("");
    expect(git(root, "worktree", "list", "--porcelain").split("\n\n").filter(Boolean)).toHaveLength(1);
    expect(git(root, "for-each-ref", "refs/heads/mai-delivery")).toBe("");
    const runId = String(events[0]?.["runId"]);
    for (const id of ["a", "b", "c", "d", "e"])
      git(root, "rev-parse", "--verify", "-q", `refs/heads/mai/${runId}/${id}`);
    // Nothing was merged twice.
    const merges = git(root, "log", "--format=%s", "main").split("\n").sort();
    expect(new Set(merges).size).toBe(merges.length);
    expect(events.filter(({ type }) => type === "delivery.offered")).toHaveLength(1);
    const finished = events.findLast(({ type }) => type === "run.finished");
    const results = (finished?.["results"] ?? []) as { taskId: string; verdict: string }[];
    const out = results.filter(({ verdict }) => verdict === "failed").map(({ taskId }) => taskId);
    const inside = [
      ...["a", "b", "e"].filter((name) => there.includes(name)),
      git(root, "show", "main:text.txt"),
    ];
    expect([...out, ...inside].sort()).toEqual(["a", "b", "c", "d", "e"]);
    expect((await mai(root, ["audit"])).code).toBe(0);
  },
  900_000,
);
