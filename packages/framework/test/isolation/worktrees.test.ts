import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { git, repository, userState, writeFiles } from "../support/repository.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

// Many processes: on a busy machine each of them takes its time.
vi.setConfig({ testTimeout: 180_000 });

const isolated = { defaults: { isolation: "worktree" } };

interface Ended {
  readonly code: number;
  readonly runId: string;
  readonly events: readonly Record<string, unknown>[];
}

async function run(cwd: string): Promise<Ended> {
  const { code, out, err } = await mai(cwd, ["run", "plan.json", "--json"]);
  const events = jsonLines(out);
  const runId = String(events[0]?.["runId"] ?? err);
  return { code, runId, events };
}

function worktrees(cwd: string): number {
  return git(cwd, "worktree", "list", "--porcelain").split("\n\n").filter(Boolean).length;
}

test("each task works on a branch of its own from one base; the user's files, index and branches stay as they are", async () => {
  const cwd = repository({ "a.txt": "one\n", ".gitignore": "plan.json\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      {
        first: { command: "echo two >> a.txt && echo new > first.txt", verify: ["grep -q two a.txt"] },
        second: {
          command: "test ! -e first.txt && echo other > a.txt && ls ..",
          verify: ["grep -q other a.txt"],
        },
      },
      isolated,
    ),
    "dirty.txt": "mine\n",
  });
  writeFileSync(join(cwd, "a.txt"), "mine\n");
  git(cwd, "add", "a.txt");
  const before = userState(cwd);

  const { code, runId, events } = await run(cwd);

  expect(code).toBe(0);
  expect(userState(cwd)).toBe(before);
  expect(git(cwd, "show", `mai/${runId}/first:a.txt`)).toBe("one\ntwo");
  expect(git(cwd, "show", `mai/${runId}/first:first.txt`)).toBe("new");
  expect(git(cwd, "show", `mai/${runId}/second:a.txt`)).toBe("other");
  expect(git(cwd, "log", "-1", "--format=%an %s", `mai/${runId}/first`)).toBe("mai first: do first");
  expect(worktrees(cwd)).toBe(1);
  expect(existsSync(join(cwd, ".mai", "worktrees", runId, "first"))).toBe(false);
  const kept = events.filter(({ type }) => type === "attempt.kept");
  expect(kept.map(({ work }) => work)).toMatchObject([
    { salvage: null, doubts: [] },
    { salvage: null, doubts: [] },
  ]);
  const passed = events.filter(({ type }) => type === "check.passed");
  const trees = passed.map(({ receipt }) => (receipt as { tree: string }).tree).sort();
  expect(kept.map(({ work }) => (work as { tree: string }).tree).sort()).toEqual(trees);
});

test("a chain builds on what its predecessors left, and two branches are merged for the task that needs both", async () => {
  const cwd = repository({ "a.txt": "a\n", ".gitignore": "plan.json\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      {
        left: "echo left > left.txt",
        right: "echo right > right.txt",
        both: { command: "cat left.txt right.txt > both.txt", depends_on: ["left", "right"] },
        last: { command: "cat both.txt a.txt > last.txt", depends_on: ["both"] },
      },
      isolated,
    ),
  });

  const { code, runId } = await run(cwd);

  expect(code).toBe(0);
  expect(git(cwd, "show", `mai/${runId}/last:last.txt`)).toBe("left\nright\na");
});

test("dependencies that contradict each other fail the task, name both sides and change neither", async () => {
  const cwd = repository({ "a.txt": "a\n", ".gitignore": "plan.json\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      {
        left: "echo left > a.txt",
        right: "echo right > a.txt",
        both: { command: "true", depends_on: ["left", "right"] },
      },
      isolated,
    ),
  });

  const { code, runId, events } = await run(cwd);

  expect(code).toBe(1);
  const failed = events.find(({ type }) => type === "task.failed");
  expect(failed?.["reason"]).toContain(`in a.txt: mai/${runId}/left and mai/${runId}/right`);
  expect(git(cwd, "show", `mai/${runId}/left:a.txt`)).toBe("left");
  expect(git(cwd, "show", `mai/${runId}/right:a.txt`)).toBe("right");
  expect(git(cwd, "log", "-1", "--format=%P", `mai/${runId}/left`)).toBe(git(cwd, "rev-parse", "main"));
});

test("links that are missing because making the work tree was cut off are made by the next try", async () => {
  const cwd = repository({ ".gitignore": "node_modules/\nplan.json\ntried\n" });
  const tried = join(cwd, "tried");
  const setup = [
    `test -e '${tried}' || { touch '${tried}'; rm node_modules/.bin/two node_modules/@s/two; exit 1; }`,
  ];
  const defaults = { isolation: "worktree", link: ["node_modules"], setup, retry: { max_attempts: 2 } };
  writeFiles(cwd, {
    "plan.json": planText(
      { t: "cat node_modules/.bin/one node_modules/.bin/two node_modules/@s/two/a" },
      { defaults },
    ),
    "node_modules/.bin/one": "1",
    "node_modules/.bin/two": "2",
    "node_modules/@s/two/a": "a",
  });

  const { code, events } = await run(cwd);

  expect(events.filter(({ type }) => type === "attempt.failed")).toMatchObject([{ kind: "transient" }]);
  expect(code).toBe(0);
});

test("a fresh work tree has the files of .worktreeinclude, links to dependencies, and its setup done once", async () => {
  const cwd = repository({
    ".gitignore": "plan.json\n.env\nnode_modules/\nsecret/\nran\nsecond\n",
    ".worktreeinclude": ".env\nsecret/*.key\n",
    "packages/own/index.js": "module.exports = 1;\n",
  });
  writeFiles(cwd, {
    ".env": "A=1\n",
    "secret/x.key": "key\n",
    "secret/y.txt": "no\n",
    "node_modules/dep/index.js": "module.exports = 2;\n",
    "node_modules/@s/dep/index.js": "module.exports = 3;\n",
    "plan.json": planText(
      {
        t: {
          command: `test -e second || { touch second; exit 1; }; test "$(cat .env ran)" = "A=1\nset up" &&
            test ! -e secret/y.txt && cat secret/x.key && echo 'module.exports = 4;' > packages/own/index.js &&
            node -p "require('dep') + require('@s/dep') + require('own')" > sum.txt`,
          retry: { max_attempts: 2, backoff: "1ms" },
        },
      },
      { defaults: { isolation: "worktree", link: ["node_modules"], setup: ["echo set up >> ran"] } },
    ),
  });
  symlinkSync("../packages/own", join(cwd, "node_modules", "own"));

  const { code, runId, events } = await run(cwd);

  expect(events.find(({ type }) => type === "task.failed")).toBe(undefined);
  expect(code).toBe(0);
  expect(git(cwd, "show", `mai/${runId}/t:sum.txt`)).toBe("9");
  expect(git(cwd, "ls-tree", "-r", "--name-only", `mai/${runId}/t`).split("\n")).toEqual([
    ".gitignore",
    ".worktreeinclude",
    "packages/own/index.js",
    "sum.txt",
  ]);
});

test("a setup that fails ends the attempt with what it printed, before any agent is asked", async () => {
  const cwd = repository({ ".gitignore": "plan.json\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      { t: "touch ../../../../asked" },
      { defaults: { isolation: "worktree", setup: ["echo why; exit 3"] } },
    ),
  });

  const { code, events } = await run(cwd);

  expect(code).toBe(1);
  const failed = events.find(({ type }) => type === "attempt.failed");
  expect(failed?.["reason"]).toBe(
    "its place to work could not be made: setup ended with exit code 3: echo why; exit 3",
  );
  expect(failed?.["feedback"]).toContain("why");
  expect(existsSync(join(cwd, "asked"))).toBe(false);
});

test("what a failed attempt left is salvaged, the next one goes on from it, and the end keeps both", async () => {
  const cwd = repository({ "a.txt": "a\n", ".gitignore": "plan.json\n*.log\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      {
        t: {
          command: "echo more >> a.txt; echo new >> new.txt; echo x > x.log; exit 1",
          retry: { max_attempts: 2, backoff: "1ms" },
        },
      },
      isolated,
    ),
  });

  const { code, runId } = await run(cwd);

  expect(code).toBe(1);
  const ref = (attempt: number): string => `refs/mai/salvage/${runId}/t/${attempt}`;
  expect(git(cwd, "show", `${ref(1)}:new.txt`)).toBe("new");
  expect(git(cwd, "show", `${ref(2)}:new.txt`)).toBe("new\nnew");
  expect(git(cwd, "show", `${ref(2)}:a.txt`)).toBe("a\nmore\nmore");
  expect(() => git(cwd, "show", `${ref(2)}:x.log`)).toThrow();
  expect(worktrees(cwd)).toBe(1);
  // The branch had nothing of its own.
  expect(git(cwd, "branch", "--list", "mai/*")).toBe("");
});

test("commits of the agent, on whatever branch, are part of the result", async () => {
  const cwd = repository({ "a.txt": "a\n", ".gitignore": "plan.json\n" });
  const commit = "git -c user.name=B -c user.email=b@localhost commit -q";
  writeFiles(cwd, {
    "plan.json": planText(
      {
        t: `echo b > b.txt && git add b.txt && ${commit} -m b && git checkout -q --detach && echo c > c.txt && git add c.txt && ${commit} -m c && echo d > d.txt`,
      },
      isolated,
    ),
  });

  const { code, runId } = await run(cwd);

  expect(code).toBe(0);
  expect(git(cwd, "log", "--format=%s", `main..mai/${runId}/t`).split("\n")).toEqual(["t: do t", "c", "b"]);
  expect(git(cwd, "show", `mai/${runId}/t:d.txt`)).toBe("d");
});

test("a check that changes what it proves runs again until nothing changes; one that always does fails the task", async () => {
  const cwd = repository({ "a.txt": "a\n", ".gitignore": "plan.json\n" });
  writeFiles(cwd, {
    "plan.json": planText(
      {
        settles: { command: "true", verify: ["echo made > made.txt", "test -e a.txt"] },
        never: { command: "true", verify: ["echo x >> made.txt"] },
      },
      isolated,
    ),
  });

  const { code, runId, events } = await run(cwd);

  expect(code).toBe(1);
  expect(events.find(({ type }) => type === "task.failed")).toMatchObject({
    taskId: "never",
    reason: "a check changes the tree that it proves, every time: echo x >> made.txt",
  });
  expect(events.filter(({ type, taskId }) => type === "check.passed" && taskId === "never")).toHaveLength(3);
  expect(events.find(({ type }) => type === "task.succeeded")).toMatchObject({
    taskId: "settles",
    verdict: "verified",
  });
  expect(git(cwd, "show", `mai/${runId}/settles:made.txt`)).toBe("made");
});

test("a check that fails on the base as well does not fail the task, which ends unverified with the reason", async () => {
  const cwd = repository({ "bad.txt": "bad\n", ".gitignore": "plan.json\n" });
  const old = { command: "! grep -q bad bad.txt", baseline: true };
  writeFiles(cwd, {
    "plan.json": planText(
      {
        kept: { command: "echo x > x.txt", verify: [old] },
        broken: { command: "rm bad.txt", verify: [{ command: "test -e bad.txt", baseline: true }] },
      },
      isolated,
    ),
  });

  const { code, events } = await run(cwd);

  expect(code).toBe(1);
  expect(events.find(({ type }) => type === "task.succeeded")).toMatchObject({
    taskId: "kept",
    verdict: "unverified",
    reason: `the check fails on the base as well: ${old.command}`,
  });
  expect(events.find(({ type }) => type === "task.failed")).toMatchObject({
    taskId: "broken",
    reason: "check failed: test -e bad.txt exited with 1",
  });
  expect(worktrees(cwd)).toBe(1);
});

test("a task that took a test away is unverified, unless tests are its job", async () => {
  const cwd = repository({ "test/a.test.ts": "test('a', () => {});\n", ".gitignore": "plan.json\n" });
  const cheat = { command: "rm test/a.test.ts", verify: ["true"] };
  writeFiles(cwd, {
    "plan.json": planText({ cheats: cheat, may: { ...cheat, allow_test_changes: true } }, isolated),
  });

  const { code, events } = await run(cwd);

  expect(code).toBe(0);
  const ends = events.filter(({ type }) => type === "task.succeeded");
  expect(ends.find(({ taskId }) => taskId === "may")).toMatchObject({ verdict: "verified" });
  expect(ends.find(({ taskId }) => taskId === "cheats")).toMatchObject({
    verdict: "unverified",
    reason: "a test was removed: test/a.test.ts",
  });
});

test("outside git a task works in a copy, and leaves a folder and a patch", async () => {
  const cwd = folder({ "a.txt": "a\n" });
  writeFiles(cwd, {
    "plan.json": planText({ t: { command: "echo b >> a.txt", verify: ["grep -q b a.txt"] } }, isolated),
  });

  const { code, events } = await run(cwd);

  expect(code).toBe(0);
  const { work } = events.find(({ type }) => type === "attempt.kept") as { work: { folder: string } };
  expect(readFileSync(join(work.folder, "a.txt"), "utf8")).toBe("a\nb\n");
  expect(readFileSync(join(cwd, "a.txt"), "utf8")).toBe("a\n");
  const place = folder({ "a.txt": "a\n" });
  git(place, "apply", `${work.folder}.patch`);
  expect(readFileSync(join(place, "a.txt"), "utf8")).toBe("a\nb\n");
});

test("a base that is no revision is refused before anything is written", async () => {
  const cwd = repository({ ".gitignore": "plan.json\n" });
  writeFiles(cwd, { "plan.json": planText({ t: { command: "true", base: "nowhere" } }, isolated) });

  const { code, err } = await mai(cwd, ["run", "plan.json"]);

  expect(code).toBe(4);
  expect(err).toContain("The base nowhere is no revision");
  expect(git(cwd, "for-each-ref", "refs/mai")).toBe("");
});

test("a git repository that an agent made inside its work tree is not taken for kept", async () => {
  const cwd = repository({ ".gitignore": "plan.json\n" });
  const commit = "git -c user.name=B -c user.email=b@localhost commit -q -m x";
  writeFiles(cwd, {
    "plan.json": planText(
      { t: `mkdir in && cd in && git init -q && echo x > x.txt && git add . && ${commit}` },
      isolated,
    ),
  });

  const { code, runId } = await run(cwd);

  expect(code).toBe(1);
  expect(readFileSync(join(cwd, ".mai", "worktrees", runId, "t", "in", "x.txt"), "utf8")).toBe("x\n");
});
