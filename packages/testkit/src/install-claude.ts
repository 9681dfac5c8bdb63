/** The real Claude Code at a pinned version, for tests that talk to the fake model. */
import { join } from "node:path";
import { messageOf } from "mai-orchestration-core";
import {
  type InstalledProgram,
  type InstallOptions,
  installProgram,
  type ProgramPackage,
} from "./install-program.ts";

/** The version of Claude Code that {@link installClaude} installs. @public */
export const claudeVersion = "2.1.330";

/** @internal */
export const claudePackage: ProgramPackage = {
  title: "Claude Code",
  folder: "claude-code",
  packageName: "@anthropic-ai/claude-code",
  command: "claude",
  version: claudeVersion,
};

/** A Claude Code that can be started. @public */
export type InstalledClaude = InstalledProgram;

/** Where Claude Code is installed, to be found there by later calls. @public */
export type InstallClaudeOptions = InstallOptions;

/**
 * Resolves to the executable, installed with npm on the first call and taken
 * from the cache afterwards, also by other processes that call at the same
 * time. Rejects `agent.not-installed` when it cannot be had.
 *
 * @public
 */
export function installClaude(options: InstallClaudeOptions = {}): Promise<InstalledClaude> {
  return installProgram(claudePackage, options);
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
