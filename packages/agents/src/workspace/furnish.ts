/** What makes a fresh work tree runnable: files and folders that git does not have, and commands. */
import { copyFile, lstat, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { formatDuration } from "mai-orchestration-core";
import type { NoPlace } from "mai-orchestration-engine";
import { runProcess } from "../process/run-process.ts";
import { tailOf } from "../text.ts";
import type { GitCall, Repository } from "./repository.ts";

const setupTimeoutMs = 600_000;
const outputBytes = 4_096;

/** The file of a root that lists, in the syntax of `.gitignore`, ignored files that every work tree gets. */
const includeName = ".worktreeinclude";

/** @internal */
export interface FurnishOptions {
  /** The work tree's own copy of the root. */
  readonly place: string;
  readonly link: readonly string[];
  readonly setup: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Everything that `setup` prints is appended here; its folder exists. */
  readonly outputFile: string;
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** Copies, links and sets up; `null` when all of it is done. May be called again. @internal */
export async function furnish(
  repository: Repository,
  included: readonly string[],
  options: FurnishOptions,
): Promise<NoPlace | null> {
  for (const path of included) {
    await copyInto(join(repository.root, path), join(options.place, path));
  }
  for (const folder of options.link) {
    const problem = await linkFolder(repository, folder, options);
    if (problem !== null) return { reason: problem, kind: "permanent", output: "" };
  }
  for (const command of options.setup) {
    const problem = await runSetup(command, options);
    if (problem !== null) return problem;
  }
  return null;
}

/** Files of the root that `.worktreeinclude` names and git ignores, relative to it. @internal */
export async function includedFiles(repository: Repository, call: GitCall): Promise<readonly string[]> {
  const file = join(repository.root, includeName);
  if (repository.isCopy || (await lstat(file).catch(() => null)) === null) return [];
  const listed = await repository.run(
    [
      "ls-files",
      "-z",
      "--others",
      "--ignored",
      `--exclude-from=${file}`,
      "--",
      ".",
      ":(exclude,glob)**/.mai/**",
    ],
    call,
  );
  if (listed.out === "") return [];
  const ignored = await repository.run(["check-ignore", "-z", "--stdin"], { ...call, stdin: listed.out });
  return ignored.out.split("\0").filter(Boolean);
}

/** What an attempt or an earlier try has made of it stays. */
async function copyInto(from: string, to: string): Promise<void> {
  const status = await lstat(from).catch(() => null);
  if (status === null || (await lstat(to).catch(() => null)) !== null) return;
  await mkdir(dirname(to), { recursive: true });
  if (status.isSymbolicLink()) await symlink(await readlink(from), to);
  else if (status.isFile()) await copyFile(from, to);
}

/**
 * A folder of links to what is in the root's folder, one level deep (two for
 * `@scope`), and not a link to the folder: git ignores `node_modules/` only
 * where it is a folder, and what an attempt installs stays in its own. A link
 * that leads back into the root, such as a workspace's own package, leads to
 * the work tree's files instead.
 */
async function linkFolder(
  repository: Repository,
  folder: string,
  { place, mark, signal }: FurnishOptions,
): Promise<string | null> {
  const [from, to] = [join(repository.root, folder), join(place, folder)];
  const status = await lstat(from).catch(() => null);
  if (!status?.isDirectory()) return `the folder to be linked, ${folder}, is not in ${repository.root}`;
  if (repository.isCopy) return null;
  const ignored = await repository.run(
    ["check-ignore", "-q", "--", `${folder.replace(/\/+$/, "")}/`],
    { mark, signal },
    place,
  );
  if (ignored.code !== 0)
    return `git does not ignore ${folder}/, so that its links would become part of the result`;
  await linkEntries(repository.root, from, to, true);
  return null;
}

async function linkEntries(root: string, from: string, to: string, scopes: boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await lstat(target).catch(() => null);
    const isScope = scopes && entry.isDirectory() && (entry.name.startsWith("@") || entry.name === ".bin");
    // One that is there may be what an engine that died had begun.
    if (isScope && (there === null || there.isDirectory())) await linkEntries(root, source, target, false);
    else if (there === null) await symlink(await aimOf(root, source, entry.isSymbolicLink()), target);
  }
}

/** What the link to an entry says. */
async function aimOf(root: string, source: string, isLink: boolean): Promise<string> {
  if (!isLink) return source;
  const written = await readlink(source);
  const aim = resolve(dirname(source), written);
  const isInside = aim === root || aim.startsWith(root + sep);
  return isInside ? relative(dirname(source), aim) : aim;
}

async function runSetup(command: string, options: FurnishOptions): Promise<NoPlace | null> {
  const { place, env, outputFile, mark, signal } = options;
  const end = await runProcess({
    command: ["sh", "-c", command],
    cwd: place,
    env,
    outputFile,
    mark,
    signal,
    timeoutMs: setupTimeoutMs,
  });
  if (end.cause === "exited" && end.exitCode === 0) return null;
  const output = tailOf(end.tail, outputBytes);
  if (end.cause === "not-started")
    return {
      reason: `setup could not be started: ${end.startFailure?.message ?? command}`,
      kind: "permanent",
      output,
    };
  const how =
    end.cause === "timeout"
      ? `took longer than ${formatDuration(setupTimeoutMs)}`
      : `ended with ${end.exitCode === null ? (end.exitSignal ?? "a signal") : `exit code ${end.exitCode}`}`;
  return { reason: `setup ${how}: ${command}`, kind: "transient", output };
}
