/** Real git repositories for tests. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { folder } from "./test-io.ts";

/** Git in a folder; throws what it says when it fails. */
export function git(cwd: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@localhost"];
  const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trimEnd();
}

export function writeFiles(place: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  }
}

/** A repository with one commit that holds these files. */
export function repository(files: Readonly<Record<string, string>>): string {
  const place = folder();
  git(place, "init", "-q", "-b", "main");
  writeFiles(place, files);
  git(place, "add", "-A");
  git(place, "commit", "-q", "-m", "first");
  return place;
}

/** Everything about a repository that belongs to its user: files, index, branches, where HEAD is. */
export function userState(place: string): string {
  const refs = git(place, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags");
  return [
    git(place, "status", "--porcelain=v2", "--branch"),
    ...refs.split("\n").filter((line) => !/^refs\/heads\/mai(?:-delivery)?\//.test(line)),
    git(place, "config", "--list", "--local"),
    git(place, "stash", "list"),
  ].join("\n");
}
