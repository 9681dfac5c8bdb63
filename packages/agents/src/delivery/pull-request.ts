/** A pull request for the branch of a task, through `gh`, which knows who the user is and where the repository lives. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FarmTask } from "mai-orchestration-core";
import { findProgram } from "../machine/probe.ts";
import { runProcess } from "../process/run-process.ts";
import { tailOf } from "../text.ts";
import { errorOf } from "../workspace/git.ts";
import { branchOf } from "../workspace/names.ts";
import type { GitCall, Repository } from "../workspace/repository.ts";

/** How the program is installed. @internal */
export const ghInstallHint =
  "Install it from https://cli.github.com and run `gh auth login`, or use `deliver: branch`.";

/** @internal */
export interface PullRequestOptions {
  readonly runId: string;
  readonly task: FarmTask;
  readonly target: string;
  readonly remote: string;
  /** Markdown: what was checked, for whoever reads the request. */
  readonly body: string;
  readonly call: Required<Pick<GitCall, "mark" | "signal">>;
}

/** A pull request that is open, or why there is none. @public */
export type PullRequest =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: string };

/** Pushes the branch, never by force, and opens a request unless there is one. @internal */
export async function openPullRequest(
  repository: Repository,
  options: PullRequestOptions,
): Promise<PullRequest> {
  const { runId, task, target, remote, body, call } = options;
  const branch = branchOf(runId, task.taskId);
  const pushed = await repository.run(["push", "-q", remote, `refs/heads/${branch}`], {
    ...call,
    env: credentials(),
  });
  if (!pushed.ok)
    return { ok: false, reason: `its branch cannot be pushed to ${remote}: ${errorOf(pushed)}` };
  const known = await gh(
    ["pr", "list", "--head", branch, "--base", target, "--state", "all", "--json", "url", "--jq", ".[].url"],
    repository.root,
    call,
  );
  const url = known.ok ? known.out.trim().split("\n")[0] : "";
  if (url) return { ok: true, url };
  const [title = ""] = task.description.trim().split("\n");
  const made = await gh(
    [
      "pr",
      "create",
      "--head",
      branch,
      "--base",
      target,
      "--title",
      `${task.taskId}: ${title.slice(0, 200)}`,
      "--body-file",
      "-",
    ],
    repository.root,
    call,
    body,
  );
  const address = /https?:\/\/\S+/.exec(made.out)?.[0];
  if (made.ok && address !== undefined) return { ok: true, url: address };
  return {
    ok: false,
    reason: `gh opens no pull request: ${tailOf(made.out.trim(), 500) || "it said nothing"}`,
  };
}

/** Whether the program is there. @internal */
export function hasGh(): boolean {
  return findProgram("gh", process.env["PATH"] ?? "") !== null;
}

/** What git needs to reach the remote in the user's name. */
function credentials(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).filter(([name]) => /^(?:SSH_AUTH_SOCK|GH_|GITHUB_)/.test(name));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function gh(
  words: readonly string[],
  cwd: string,
  { mark, signal }: { readonly mark: string; readonly signal: AbortSignal },
  stdin = "",
): Promise<{ readonly ok: boolean; readonly out: string }> {
  const folder = await mkdtemp(join(tmpdir(), "mai-gh-"));
  try {
    const outputFile = join(folder, "out");
    const end = await runProcess({
      command: ["gh", ...words],
      cwd,
      env: { GH_PROMPT_DISABLED: "1", NO_COLOR: "1" },
      envPrefixes: ["GH_", "GITHUB_", "XDG_CONFIG_HOME"],
      outputFile,
      mark,
      signal,
      timeoutMs: 120_000,
      stdin,
    });
    const out = await readFile(outputFile, "utf8").catch(() => "");
    return { ok: end.cause === "exited" && end.exitCode === 0, out: end.startFailure?.message ?? out };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
