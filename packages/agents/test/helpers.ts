import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ProcessEnd, type ProcessOptions, runProcess } from "../src/index.ts";

/** A directory that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mai-agents-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function newMark(): string {
  return `test.${randomUUID()}`;
}

export function fixture(name: string): string {
  return join(import.meta.dirname, "fixtures", name);
}

export interface Run extends Omit<Partial<ProcessOptions>, "command"> {
  readonly command: ProcessOptions["command"];
}

/** Runs a program in a folder of its own, with everything that is not given made up. */
export async function run(options: Run): Promise<ProcessEnd & { readonly file: string }> {
  const cwd = options.cwd ?? temporaryFolder();
  const outputFile = options.outputFile ?? join(temporaryFolder(), "output.log");
  const signal = options.signal ?? new AbortController().signal;
  const end = await runProcess({ ...options, cwd, outputFile, signal, mark: options.mark ?? newMark() });
  return { ...end, file: outputFile };
}

/** Whether a process lives; one that is dead and only not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (!existsSync(`/proc/${pid}/stat`)) return process.platform !== "linux";
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
