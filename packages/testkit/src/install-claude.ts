/** The real Claude Code at a pinned version, for tests that talk to the fake model. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isMaiError, MaiError, messageOf } from "mai-orchestration-core";
import { withFileLock } from "./file-lock.ts";

/** The version of Claude Code that {@link installClaude} installs. @public */
export const claudeVersion = "2.1.330";

/** A Claude Code that can be started. @public */
export interface InstalledClaude {
  /** Absolute. */
  readonly executable: string;
  readonly version: string;
}

/** Where Claude Code is installed, to be found there by later calls. @public */
export interface InstallClaudeOptions {
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
export async function installClaude(options: InstallClaudeOptions = {}): Promise<InstalledClaude> {
  const cacheDir = options.cacheDir ?? process.env["MAI_TEST_CACHE"] ?? userCacheDir();
  const folder = join(cacheDir, `claude-code-${claudeVersion}`);
  try {
    await mkdir(cacheDir, { recursive: true });
    return (await tryInstalled(folder)) ?? (await withFileLock(`${folder}.lock`, () => install(folder)));
  } catch (error) {
    if (isMaiError(error)) throw error;
    throw new MaiError(
      "agent.not-installed",
      `Claude Code ${claudeVersion} cannot be had: ${messageOf(error)}`,
      {
        hint: "Check that npm reaches its registry, or set MAI_TEST_CACHE to a folder in which it is installed.",
        cause: error,
      },
    );
  }
}

/**
 * For test files: the executable, or `null` where it cannot be had, after
 * saying so loudly. Rejects instead when the environment's `CI` is set, so that a
 * suite never passes there by being left out.
 *
 * @public
 */
export async function claudeOrNull(options: InstallClaudeOptions = {}): Promise<InstalledClaude | null> {
  try {
    return await installClaude(options);
  } catch (error) {
    if (process.env["CI"]) throw error;
    console.error(`\n!!! TESTS WITH THE REAL CLAUDE CODE ARE NOT RUN: ${messageOf(error)}\n`);
    return null;
  }
}

/**
 * The whole environment of a run against the fake model: nothing of the user's
 * own settings, keys or sessions is seen or touched.
 *
 * @param url - of the fake model
 * @param home - an absolute folder to be used as the home directory
 * @public
 */
export function claudeEnvironment(url: string, home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, ".claude"),
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: "fake",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_MAX_RETRIES: "2",
    DISABLE_AUTOUPDATER: "1",
  };
}

const run = promisify(execFile);

/** Somebody may have finished while we waited for the lock. What does not answer its version is put anew. */
async function install(folder: string): Promise<InstalledClaude> {
  const present = await tryInstalled(folder);
  if (present !== null) return present;

  const fresh = `${folder}.${randomUUID()}`;
  try {
    await mkdir(fresh);
    await writeFile(join(fresh, "package.json"), '{ "private": true }\n');
    await npmInstall(fresh);
    await verify(fresh);
    // Only a folder that was proven to work gets the name that others look for.
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return verify(folder);
}

async function npmInstall(folder: string): Promise<void> {
  const options = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts=false"];
  const packageName = `@anthropic-ai/claude-code@${claudeVersion}`;
  await run("npm", ["install", "--prefix", folder, ...options, packageName], {
    cwd: folder,
    timeout: 600_000,
  });
}

async function tryInstalled(folder: string): Promise<InstalledClaude | null> {
  try {
    return await verify(folder);
  } catch {
    return null;
  }
}

async function verify(folder: string): Promise<InstalledClaude> {
  const executable = join(folder, "node_modules", ".bin", "claude");
  const { stdout } = await run(executable, ["--version"], { timeout: 60_000 });
  const version = stdout.trim().split(" ", 1)[0] ?? "";
  if (version !== claudeVersion) throw new Error(`${executable} says that it is version ${stdout.trim()}`);
  return { executable, version };
}

function userCacheDir(): string {
  const base =
    process.platform === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return join(process.env["XDG_CACHE_HOME"] ?? base, "mai-orchestration");
}
