/** Starting a child process; not being able to is an answer. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { messageOf } from "mai-orchestration-core";
import { childEnvironment } from "./environment.ts";
import { noteRunning } from "./kill-everything-now.ts";
import type { ProcessOptions, StartFailure } from "./process-options.ts";

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
  const [file, ...args] = options.command;
  const env = childEnvironment({
    source: process.env,
    prefixes: options.envPrefixes ?? [],
    ...(options.envWithheld && { withheld: options.envWithheld }),
    ...(options.env && { added: options.env }),
    mark: options.mark,
  });
  const hasStdin = options.stdin !== undefined || options.onStdin !== undefined;
  const stdio: StdioOptions = [hasStdin ? "pipe" : "ignore", descriptor, descriptor];
  try {
    const child = spawn(file, args, { cwd: options.cwd, env, stdio, detached: true });
    const over = child.pid === undefined ? () => {} : noteRunning(child.pid, options.mark);
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const failure = await new Promise<Error | null>((resolve) => {
      child.once("spawn", () => resolve(null));
      child.once("error", resolve);
    });
    if (failure !== null || child.pid === undefined) return { failure: explain(failure, options) };
    // Ours to ignore: a program need not read its stdin to the end.
    child.stdin?.on("error", () => {});
    if (options.onStdin === undefined) child.stdin?.end(options.stdin);
    return { child, pid: child.pid, exit, over };
  } catch (error) {
    return { failure: explain(error, options) };
  }
}

/** Says which of program and directory is at fault; the system gives both the same error. */
function explain(error: unknown, { cwd, command }: ProcessOptions): StartFailure {
  const code = codeOf(error);
  const [program] = command;
  const place = statSync(cwd, { throwIfNoEntry: false });
  if (place === undefined) return failure("ENOENT", `the directory ${cwd} does not exist`, "directory");
  if (!place.isDirectory()) return failure("ENOTDIR", `${cwd} is not a directory`, "directory");
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
