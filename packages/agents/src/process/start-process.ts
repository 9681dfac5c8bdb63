/** Starting a child process; not being able to is an answer. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { messageOf } from "mai-orchestration-core";
import { childEnvironment } from "./environment.ts";
import { guardMark } from "./guard-script.ts";
import { guardOf } from "./guards.ts";
import { noteRunning } from "./kill-everything-now.ts";
import type { ProcessOptions, StartFailure } from "./process-options.ts";
import { bwrapInstallCommand, isBehindWall, walledCommand } from "./wall.ts";

/** @internal */
export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Called once nothing of its tree is alive. */
  readonly over: () => void;
}

/** Starts the child in a session and process group of its own. @internal */
export async function startProcess(
  options: ProcessOptions,
  descriptor: number,
): Promise<Started | { readonly failure: StartFailure }> {
  const isWalled = isBehindWall(options.mark);
  const [file, ...args] = isWalled ? walledCommand(options.command) : options.command;
  const guard = guardOf(options.mark);
  // It stands before there is anything to guard.
  const leaveGuard = guard?.enter() ?? (() => {});
  const env = childEnvironment({
    source: process.env,
    prefixes: options.envPrefixes ?? [],
    ...(options.envWithheld && { withheld: options.envWithheld }),
    ...(options.env && { added: options.env }),
    ...(guard && { outerMark: guardMark(guard.workerId) }),
    mark: options.mark,
  });
  let input: number | "pipe" | null = options.onStdin === undefined ? null : "pipe";
  try {
    if (options.stdin !== undefined) input = inputFrom(options.stdin, options.outputFile);
    const stdio: StdioOptions = [input ?? "ignore", descriptor, descriptor];
    const child = spawn(file, args, { cwd: options.cwd, env, stdio, detached: true });
    const forget = child.pid === undefined ? () => {} : noteRunning(child.pid, options.mark);
    const over = (): void => {
      forget();
      leaveGuard();
    };
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const failure = await new Promise<Error | null>((resolve) => {
      child.once("spawn", () => resolve(null));
      child.once("error", resolve);
    });
    if (failure !== null || child.pid === undefined) {
      over();
      return { failure: explain(failure, options) };
    }
    // Ours to ignore: a program need not read its stdin to the end.
    child.stdin?.on("error", () => {});
    return { child, pid: child.pid, exit, over };
  } catch (error) {
    leaveGuard();
    return { failure: explain(error, options) };
  } finally {
    if (typeof input === "number") closeSync(input);
  }
}

/** A file without a name, and no pipe: all of it is there for the child, even if we die now. */
function inputFrom(text: string, outputFile: string): number {
  const file = `${outputFile}.stdin`;
  writeFileSync(file, text, { mode: 0o600 });
  try {
    return openSync(file, "r");
  } finally {
    unlinkSync(file);
  }
}

/** Says which of program and directory is at fault; the system gives both the same error. */
function explain(error: unknown, { cwd, command, mark }: ProcessOptions): StartFailure {
  const code = codeOf(error);
  const [program] = command;
  const place = statSync(cwd, { throwIfNoEntry: false });
  if (place === undefined) return failure("ENOENT", `the directory ${cwd} does not exist`, "directory");
  if (!place.isDirectory()) return failure("ENOTDIR", `${cwd} is not a directory`, "directory");
  if (code === "ENOENT" && isBehindWall(mark)) {
    return failure(code, `bwrap was not found; install it with: ${bwrapInstallCommand}`);
  }
  if (code === "ENOENT") return failure(code, `the program ${program} was not found`, "program");
  if (code === "EACCES") return failure(code, `${program} may not be run in ${cwd}: permission denied`);
  return failure(
    code,
    `${program} could not be started: ${error === null ? "no process" : messageOf(error)}`,
  );
}

/** @internal */
export function failure(
  code: string,
  message: string,
  missing: StartFailure["missing"] = null,
): StartFailure {
  return { code, message, missing };
}

/** The system's name of an error. @internal */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? code : "UNKNOWN";
}
