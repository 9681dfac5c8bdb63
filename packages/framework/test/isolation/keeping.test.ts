/** The verbs over what isolated tasks left: salvage, verify, prune. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { git, repository, userState, writeFiles } from "../support/repository.ts";
import { folder, jsonLines, mai, planText } from "../support/test-io.ts";

// Many processes: on a busy machine each of them takes its time.
vi.setConfig({ testTimeout: 180_000 });

const head = { defaults: { isolation: "worktree" } };

function scene(tasks: Parameters<typeof planText>[0]): string {
  const cwd = repository({ ".gitignore": "plan.json\nflag\n", "a.txt": "a\n" });
  writeFiles(cwd, { "plan.json": planText(tasks, head) });
  return cwd;
}

async function runIdOf(cwd: string): Promise<string> {
  return String(jsonLines((await mai(cwd, ["ps", "--json"])).out)[0]?.["runId"]);
}

test("salvaged work is listed, shown, and restored to a branch or a folder, without touching the user's files", async () => {
  const cwd = scene({ t: "echo b >> a.txt; echo new > new.txt; exit 1" });
  await mai(cwd, ["run", "plan.json"]);
  const runId = await runIdOf(cwd);
  const before = git(cwd, "status", "--porcelain=v2");

  const listed = await mai(cwd, ["salvage", "list", "--json"]);
  const shown = await mai(cwd, ["salvage", "show", "t"]);
  const restored = await mai(cwd, ["salvage", "restore", `${runId}/t/1`, "--branch", "again"]);
  const place = join(folder(), "out");
  const checkedOut = await mai(cwd, ["salvage", "restore", "t", "--to", place]);

  expect(jsonLines(listed.out)).toMatchObject([
    { name: `${runId}/t/1`, ref: `refs/mai/salvage/${runId}/t/1`, subject: "t: do t" },
  ]);
  expect((await mai(cwd, ["salvage", "list"])).out).toContain(`${runId}/t/1`);
  expect(shown.out).toContain("+new");
  expect([restored.code, checkedOut.code]).toEqual([0, 0]);
  expect(git(cwd, "show", "again:a.txt")).toBe("a\nb");
  expect(readFileSync(join(place, "new.txt"), "utf8")).toBe("new\n");
  expect(git(cwd, "status", "--porcelain=v2")).toBe(before);
});

test("what was not salvaged, and a place that is taken, are mistakes with a remedy", async () => {
  const cwd = scene({ t: "echo x > x.txt; exit 1" });
  await mai(cwd, ["run", "plan.json"]);

  const unknown = await mai(cwd, ["salvage", "show", "nobody"]);
  const taken = await mai(cwd, ["salvage", "restore", "t", "--branch", "main"]);
  const odd = await mai(cwd, ["salvage", "drop", "t"]);

  expect([unknown.code, taken.code, odd.code]).toEqual([4, 4, 4]);
  expect(unknown.err).toContain("mai salvage list");
  expect(taken.err).toContain("main");
  expect(odd.err).toContain("list, show or restore");
});

test("verify proves a run again from its commits, and says which check no longer holds", async () => {
  const cwd = scene({
    good: { command: "echo b >> a.txt", verify: ["grep -q b a.txt"] },
    luck: { command: "echo l > l.txt", verify: [`test -e ${"../".repeat(4)}flag && test -e l.txt`] },
  });
  writeFiles(cwd, { flag: "" });
  await mai(cwd, ["run", "plan.json"]);
  const before = userState(cwd);

  const first = await mai(cwd, ["verify", "--json"]);
  rmSync(join(cwd, "flag"));
  const second = await mai(cwd, ["verify"]);

  expect(jsonLines(first.out)).toMatchObject([
    { taskId: "good", holds: true, differences: [] },
    { taskId: "luck", holds: true },
  ]);
  expect(first.code).toBe(0);
  expect(second.code).toBe(1);
  expect(second.out).toMatch(/holds +good/);
  expect(second.out).toMatch(/differs +luck/);
  expect(second.out).toContain("fails (exit code 1) now: test -e");
  expect(userState(cwd)).toBe(before);
  expect(git(cwd, "worktree", "list").split("\n")).toHaveLength(1);
});

test("verify also proves what was checked in the shared folder, and refuses a run that proved nothing", async () => {
  const cwd = repository({ ".gitignore": "plan.json\n", "a.txt": "a\n" });
  writeFiles(cwd, {
    "plan.json": planText({ t: { command: "echo b > b.txt", verify: ["grep -q b b.txt"] } }),
  });
  await mai(cwd, ["run", "plan.json"]);

  expect((await mai(cwd, ["verify"])).code).toBe(0);

  const other = scene({ t: "true" });
  await mai(other, ["run", "plan.json"]);
  expect((await mai(other, ["verify"])).code).toBe(4);
});

test("who is named in commits of the engine stands in the configuration", async () => {
  const cwd = scene({ t: "echo b > b.txt" });
  writeFiles(cwd, { "mai.config.yaml": "author: Ada Lovelace <ada@localhost>\n" });
  await mai(cwd, ["run", "plan.json"]);

  const author = git(cwd, "log", "-1", "--format=%an <%ae> %cn", `mai/${await runIdOf(cwd)}/t`);
  writeFiles(cwd, { "mai.config.yaml": "author: Ada\n" });
  const refused = await mai(cwd, ["validate", "plan.json"]);

  expect(author).toBe("Ada Lovelace <ada@localhost> Ada Lovelace");
  expect(refused.code).toBe(4);
  expect(refused.err).toContain("`author` must be a name and an address");
});

test("receipts are files that a person can read", async () => {
  const cwd = scene({ t: { command: "echo b > b.txt", verify: ["echo seen; test -e b.txt"] } });
  await mai(cwd, ["run", "plan.json"]);
  const place = join(cwd, ".mai", "receipts", await runIdOf(cwd), "t");

  const page = readFileSync(join(place, "1.md"), "utf8");
  const data = JSON.parse(readFileSync(join(place, "1.json"), "utf8"));

  expect(page).toContain("## passed: echo seen; test -e b.txt");
  expect(page).toContain("```\nseen\n```");
  expect(data.receipts[0]).toMatchObject({ passed: true, tree: data.work.tree, treeChanged: false });
  expect(data.receipts[0].environment).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("prune forgets a run, and keeps salvaged work and branches that nobody merged", async () => {
  const cwd = scene({ merged: "echo m > m.txt", own: "echo o > o.txt", bad: "echo b > b.txt; exit 1" });
  await mai(cwd, ["run", "plan.json"]);
  const runId = await runIdOf(cwd);
  git(cwd, "merge", "-q", `mai/${runId}/merged`);

  const { out, code } = await mai(cwd, ["prune", "--older-than", "1ms", "--json"]);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ removed: [runId], branches: [`mai/${runId}/own`] });
  const refs = git(cwd, "for-each-ref", "--format=%(refname)", "refs/mai", "refs/heads/mai").split("\n");
  expect(refs).toEqual([`refs/heads/mai/${runId}/own`, `refs/mai/salvage/${runId}/bad/1`]);
  expect(existsSync(join(cwd, ".mai", "receipts", runId))).toBe(false);
});
