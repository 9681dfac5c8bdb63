/** Real agent programs at pinned versions, in a cache folder outside the repository. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core";
import { withFileLock } from "./file-lock.ts";

/** A program that npm installs. @public */
export interface ProgramPackage {
  /** As people call it. */
  readonly title: string;
  /** The name of its folder in the cache, before the version. */
  readonly folder: string;
  /** As npm knows it. */
  readonly packageName: string;
  /** The command that it brings. */
  readonly command: string;
  readonly version: string;
}

/** A program that can be started. @public */
export interface InstalledProgram {
  /** Absolute. */
  readonly executable: string;
  readonly version: string;
}

/** Where programs are installed, to be found there by later calls. @public */
export interface InstallOptions {
  /** @defaultValue the environment's `MAI_TEST_CACHE`, else the user's cache folder */
  readonly cacheDir?: string;
}

/**
 * Resolves to the executable, installed with npm on the first call and taken
 * from the cache afterwards, also by other processes that call at the same
 * time. Rejects `agent.not-installed` when it cannot be had.
 *
 * @public
 */
export async function installProgram(
  program: ProgramPackage,
  options: InstallOptions = {},
): Promise<InstalledProgram> {
  const cacheDir = options.cacheDir ?? process.env["MAI_TEST_CACHE"] ?? userCacheDir();
  const folder = join(cacheDir, `${program.folder}-${program.version}`);
  try {
    await mkdir(cacheDir, { recursive: true });
    return (
      (await tryInstalled(program, folder)) ??
      (await withFileLock(`${folder}.lock`, () => install(program, folder)))
    );
  } catch (error) {
    if (isMaiError(error)) throw error;
    throw new MaiError(
      "agent.not-installed",
      `${program.title} ${program.version} cannot be had: ${messageOf(error)}`,
      {
        hint: "Check that npm reaches its registry, or set MAI_TEST_CACHE to a folder in which it is installed.",
        cause: error,
      },
    );
  }
}

const run = promisify(execFile);

/** Somebody may have finished while we waited for the lock. What does not answer its version is put anew. */
async function install(program: ProgramPackage, folder: string): Promise<InstalledProgram> {
  const present = await tryInstalled(program, folder);
  if (present !== null) return present;

  const fresh = `${folder}.${randomUUID()}`;
  try {
    await mkdir(fresh);
    await writeFile(join(fresh, "package.json"), '{ "private": true }\n');
    await npmInstall(program, fresh);
    await verify(program, fresh);
    // Only a folder that was proven to work gets the name that others look for.
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return verify(program, folder);
}

async function npmInstall({ packageName, version }: ProgramPackage, folder: string): Promise<void> {
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts=false"];
  await run("npm", ["install", "--prefix", folder, ...options, `${packageName}@${version}`], {
    cwd: folder,
    timeout: 600_000,
  });
}

async function tryInstalled(program: ProgramPackage, folder: string): Promise<InstalledProgram | null> {
  try {
    return await verify(program, folder);
  } catch {
    return null;
  }
}

async function verify(program: ProgramPackage, folder: string): Promise<InstalledProgram> {
  const executable = join(folder, "node_modules", ".bin", program.command);
  // Some write settings wherever they are started; the folder is theirs.
  const env = { ...process.env, HOME: folder };
  const { stdout } = await run(executable, ["--version"], { timeout: 120_000, env });
  const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(stdout)?.[0] ?? "";
  if (version !== program.version) throw new Error(`${executable} says that it is version ${stdout.trim()}`);
  return { executable, version };
}

function userCacheDir(): string {
  const base =
    process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return join(process.env["XDG_CACHE_HOME"] ?? base, "mai-orchestration");
}
