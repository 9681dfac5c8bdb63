/** Work of agents that contradicts what is there becomes a task; and pull requests through `gh`. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unknownUsage } from "mai-orchestration-core";
import { type Agent, systemClock } from "mai-orchestration-engine";
import { expect, test, vi } from "vitest";
import { defaultStorePath, openStore } from "../../src/execution/state-folder.ts";
import { startRun } from "../../src/index.ts";
import { git, repository, writeFiles } from "../support/repository.ts";
import { task } from "../support/tasks.ts";
import { folder, jsonLines, mai, planText, startMai } from "../support/test-io.ts";

vi.setConfig({ testTimeout: 180_000 });

/** Writes its task's id into `list.txt`; where it finds conflict markers, it removes them and keeps both sides. */
function writer(prompts: string[]): Agent {
  return {
    agentId: "writer",
    backend: "function",
    capabilities: ["test"],
    commands: false,
    prose: true,
    maxConcurrent: 3,
    maxAttemptsFor: () => 1,
    async run({ task: { taskId, description } }, { workspace }) {
      const file = join(workspace, "list.txt");
      const text = readFileSync(file, "utf8");
      if (text.includes("<<<<<<<")) {
        prompts.push(description);
        writeFileSync(file, text.replace(/^(?:<{7}|={7}|>{7}).*\n/gm, ""));
      } else writeFileSync(file, `${taskId}\n`);
      return { type: "answered", output: "done", usage: unknownUsage };
    },
  };
}

test("three tasks that contradict each other are brought together by tasks of their own, one history without markers", async () => {
  const root = repository({ "list.txt": "none\n", ".gitignore": ".mai\n" });
  const store = openStore(defaultStorePath(root), systemClock);
  const prompts: string[] = [];
  const verify = [{ command: "test -s list.txt" }];
  const more = { isolation: "worktree", deliver: "merge", verify } as const;
  const tasks = ["one", "two", "three"].map((taskId) => task(taskId, more));
  const limits = { parallel: null, failFast: false, timeoutMs: null };

  const { finished, runId } = await startRun({
    store,
    agents: [writer(prompts)],
    name: null,
    tasks,
    root,
    ...limits,
  });
  const end = await finished;
  await store.close();

  const results = end.type === "finished" ? end.results : [];
  expect(results.filter(({ status }) => status !== "success")).toEqual([]);
  expect(readFileSync(join(root, "list.txt"), "utf8").split("\n").sort()).toEqual([
    "",
    "one",
    "three",
    "two",
  ]);
  expect(prompts.length).toBeGreaterThanOrEqual(2);
  expect(prompts[0]).toContain("contradict each other in list.txt");
  for (const commit of git(root, "rev-list", "main").split("\n"))
    expect(git(root, "show", `${commit}:list.txt`)).not.toContain("<<<<<<<");
  for (const id of ["one", "two", "three"]) {
    expect(git(root, "show", `mai/${runId}/${id}:list.txt`)).toBe(id);
    git(root, "merge-base", "--is-ancestor", `mai/${runId}/${id}`, "main");
  }
});

/** A `gh` that keeps what it is asked and opens one request. */
function fakeGh(): { readonly path: string; readonly log: string } {
  const place = folder();
  const log = join(place, "log");
  writeFileSync(
    join(place, "gh"),
    `#!/bin/sh
echo "$@" >> ${log}
case "$2" in
  list) test -e ${place}/open && echo https://example.org/pr/1 ;;
  create) cat > ${place}/open; echo https://example.org/pr/1 ;;
esac
exit 0
`,
  );
  chmodSync(join(place, "gh"), 0o755);
  return { path: place, log };
}

test("a pull request is opened for verified work through gh, with its branch pushed and its checks named", async () => {
  const { path, log } = fakeGh();
  const remote = folder();
  git(remote, "init", "-q", "--bare");
  const cwd = repository({ ".gitignore": "plan.json\n" });
  git(cwd, "remote", "add", "origin", remote);
  const defaults = { isolation: "worktree", deliver: "pull-request", verify: ["test -e one"] };
  writeFiles(cwd, { "plan.json": planText({ one: "touch one" }, { defaults }) });

  const process_ = startMai(cwd, ["run", "plan.json", "--json"], {
    PATH: `${path}:${process.env["PATH"] ?? ""}`,
  });
  expect(await process_.ended).toBe(0);

  const events = jsonLines(process_.out());
  const runId = String(events[0]?.["runId"]);
  const offered = events.find(({ type }) => type === "delivery.offered");
  expect(offered).toMatchObject({ task: "one", as: "pull-request", place: "https://example.org/pr/1" });
  expect(git(remote, "for-each-ref", "--format=%(refname)")).toBe(`refs/heads/mai/${runId}/one`);
  expect(readFileSync(log, "utf8")).toContain(
    `pr create --head mai/${runId}/one --base main --title one: do one`,
  );
  expect(readFileSync(join(path, "open"), "utf8")).toContain("- `test -e one`");
});

test("without gh or without a remote nothing starts, and it is said what is missing", async () => {
  const cwd = repository({ ".gitignore": "plan.json\n" });
  const defaults = { isolation: "worktree", deliver: "pull-request", verify: ["test -e one"] };
  writeFiles(cwd, { "plan.json": planText({ one: "touch one" }, { defaults }) });
  const { path } = fakeGh();

  const lonely = startMai(cwd, ["run", "plan.json"], { PATH: `${path}:${process.env["PATH"] ?? ""}` });

  expect(await lonely.ended).toBe(4);
  expect(lonely.err()).toContain("needs a remote");
  if (process.env["PATH"]?.split(":").some((place) => existsSync(join(place, "gh"))) === true) return;
  const without = await mai(cwd, ["run", "plan.json"]);
  expect(without.code).toBe(4);
  expect(without.err).toContain("needs the program gh");
});
