/** Verified work that is merged: what goes in, what stays out and why, and what of the user's is never touched. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { git, repository, userState, writeFiles } from "../support/repository.ts";
import { jsonLines, mai, planText } from "../support/test-io.ts";

// Many processes: on a busy machine each of them takes its time.
vi.setConfig({ testTimeout: 180_000 });

const merging = { isolation: "worktree", deliver: "merge", verify: ["sh check.sh"] };

interface Ended {
  readonly code: number;
  readonly runId: string;
  readonly events: readonly Record<string, unknown>[];
  of(type: string): readonly Record<string, unknown>[];
  results(): Readonly<Record<string, string>>;
}

async function run(cwd: string, ...words: readonly string[]): Promise<Ended> {
  const { code, out, err } = await mai(cwd, [...(words.length > 0 ? words : ["run", "plan.json"]), "--json"]);
  const events = jsonLines(out);
  const runId = String(events[0]?.["runId"] ?? err);
  const of = (type: string): readonly Record<string, unknown>[] =>
    events.filter((event) => event["type"] === type);
  const results = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (
        (of("run.finished")[0]?.["results"] ?? []) as { taskId: string; verdict: string; reason?: string }[]
      ).map(({ taskId, verdict, reason }) => [
        taskId,
        reason === undefined ? verdict : `${verdict}: ${reason}`,
      ]),
    );
  return { code, runId, events, of, results };
}

/** `check.sh` fails when both `a` and `b` are there, and when `bad` is. */
function scene(tasks: Parameters<typeof planText>[0], defaults: object = {}): string {
  const cwd = repository({
    "check.sh": "test ! -e bad && ! { test -e a && test -e b; }\n",
    "text.txt": "one\n",
    ".gitignore": "plan.json\n",
  });
  writeFiles(cwd, { "plan.json": planText(tasks, { defaults: { ...merging, ...defaults } }) });
  return cwd;
}

function filesOf(cwd: string, revision: string): readonly string[] {
  return git(cwd, "ls-tree", "--name-only", revision).split("\n");
}

test("verified work is merged into the branch that is checked out, whose clean files follow", async () => {
  const cwd = scene({
    one: "echo 1 > one",
    two: "echo 2 > two",
    three: { command: "echo 3 > three", depends_on: ["two"] },
  });
  const before = git(cwd, "rev-parse", "main");

  const { code, runId, of } = await run(cwd);

  expect(code).toBe(0);
  expect(filesOf(cwd, "main")).toEqual(expect.arrayContaining(["one", "two", "three"]));
  expect(readFileSync(join(cwd, "three"), "utf8")).toBe("3\n");
  expect(git(cwd, "status", "--porcelain")).toBe("");
  git(cwd, "merge-base", "--is-ancestor", before, "main");
  const [merged] = of("delivery.merged");
  expect(merged).toMatchObject({ target: "main", receipts: [{ command: "sh check.sh", passed: true }] });
  expect((merged?.["receipts"] as { tree: string }[] | undefined)?.[0]?.tree).toBe(merged?.["tree"]);
  expect((merged?.["tasks"] as string[] | undefined)?.toSorted()).toEqual(["one", "three", "two"]);
  expect(of("delivery.finished")).toMatchObject([{ target: "main", branch: null }]);
  expect(git(cwd, "for-each-ref", "refs/heads/mai-delivery")).toBe("");
  expect(git(cwd, "branch", "--list", `mai/${runId}/*`).split("\n")).toHaveLength(3);
});

test("what breaks the merged tree is found by bisection, named and left out; its branch stays", async () => {
  const cwd = scene({
    a: "touch a",
    c: "touch c",
    b: { command: "touch b", agent: "bash" },
    d: "touch d",
    e: "touch e",
  });

  const { code, runId, of, results } = await run(cwd);

  expect(code).toBe(1);
  const there = filesOf(cwd, "main");
  expect(there).toEqual(expect.arrayContaining(["c", "d", "e"]));
  expect(there.includes("a") !== there.includes("b")).toBe(true);
  const out = there.includes("a") ? "b" : "a";
  expect(of("delivery.failed")).toMatchObject([{ target: "main", task: out }]);
  expect(results()[out]).toBe(
    "failed: not delivered to main: its check exits with 1 on the merged tree: sh check.sh",
  );
  expect(filesOf(cwd, `mai/${runId}/${out}`)).toContain(out);
  const report = await mai(cwd, ["report"]);
  expect(report.out).toContain("main: 4 tasks merged, up to commit ");
  expect(report.out).toContain(`- ${out}: left out, its check exits with 1`);
});

test("commands that contradict each other are left to a person, both sides intact", async () => {
  const cwd = scene({
    a: "echo a > text.txt",
    b: "echo b > text.txt",
    c: { command: "touch c", depends_on: ["b"] },
  });

  const { code, runId, of, results } = await run(cwd);

  expect(code).toBe(1);
  const [conflict] = of("delivery.conflicted");
  expect(conflict).toMatchObject({ target: "main", files: ["text.txt"], resolver: null });
  const out = String(conflict?.["task"]);
  expect(git(cwd, "show", "main:text.txt")).toBe(out === "a" ? "b" : "a");
  expect(git(cwd, "show", `mai/${runId}/${out}:text.txt`)).toBe(out);
  expect(results()[out]).toBe("failed: not delivered to main: it contradicts what is there in text.txt");
  if (out === "b") expect(results()["c"]).toContain("it builds on b, which is not delivered");
});

test("work that is not committed is never touched: what was merged waits on a branch of the run", async () => {
  const cwd = scene({ one: "echo 1 > one" });
  writeFileSync(join(cwd, "text.txt"), "mine\n");
  const before = userState(cwd);

  const { code, runId, of } = await run(cwd);

  expect(code).toBe(0);
  expect(userState(cwd)).toBe(before);
  const [finished] = of("delivery.finished");
  expect(finished).toMatchObject({ branch: `mai-delivery/${runId}/main` });
  expect(finished?.["reason"]).toContain("with changes that are not committed");
  expect(filesOf(cwd, `mai-delivery/${runId}/main`)).toContain("one");
});

test("another branch than the one checked out is moved alone; unverified work stays out", async () => {
  const cwd = scene({
    good: { command: "echo 1 > one", target: "next" },
    cheat: { command: "echo true > check.sh && touch bad", target: "next" },
  });
  git(cwd, "branch", "next");
  const before = userState(cwd).replace(/refs\/heads\/next.*/, "");

  const { code, results } = await run(cwd);

  expect(code).toBe(0);
  expect(results()["cheat"]).toMatch(/^unverified: /);
  expect(filesOf(cwd, "next")).toContain("one");
  expect(filesOf(cwd, "next")).not.toContain("bad");
  expect(userState(cwd).replace(/refs\/heads\/next.*/, "")).toBe(before);
});

test("a patch is written for each verified task, and applies", async () => {
  const cwd = scene({ one: "echo 1 > one" }, { deliver: "patch" });

  const { code, of } = await run(cwd);

  expect(code).toBe(0);
  const [offered] = of("delivery.offered");
  expect(offered).toMatchObject({ task: "one", as: "patch" });
  git(cwd, "apply", String(offered?.["place"]));
  expect(readFileSync(join(cwd, "one"), "utf8")).toBe("1\n");
});

test("delivery that cannot happen is refused before anybody works", async () => {
  const cwd = scene({ one: { command: "touch one", target: "nowhere" } });
  const unknown = await mai(cwd, ["run", "plan.json"]);
  writeFiles(cwd, { "plan.json": planText({ one: "touch one" }, { defaults: { ...merging, verify: [] } }) });
  const unproven = await mai(cwd, ["run", "plan.json"]);
  writeFiles(cwd, {
    "plan.json": planText({ one: { command: "touch one", isolation: "none", deliver: "merge" } }, {}),
  });
  const shared = await mai(cwd, ["run", "plan.json"]);

  expect(unknown.code).toBe(4);
  expect(unknown.err).toContain("There is no branch nowhere");
  expect(unproven.code).toBe(4);
  expect(unproven.err).toContain("takes verified work only");
  expect(shared.code).toBe(4);
  expect(shared.err).toContain("only with `isolation: worktree`");
});
