/** Runs one program to its end and keeps what it printed. A failing program is an answer, not an exception. */
import { spawn } from "node:child_process";

export interface CommandRun {
  readonly code: number | null;
  readonly output: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

export function runCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<CommandRun> {
  const started = performance.now();
  const child = spawn(program, parameters, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that a program that hangs ends together with what it started.
    detached: true,
  });
  const chunks: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));

  return new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, options.timeoutMs);
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ code, output: chunks.join(""), durationMs: performance.now() - started, timedOut });
    };
    child.on("error", (error) => {
      chunks.push(String(error));
      settle(null);
    });
    child.on("close", settle);
  });
}

/** As `runCommand`, but any other end than exit code 0 throws with what was printed. */
export async function runOrThrow(
  program: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const run = await runCommand(program, parameters, options);
  if (run.code === 0) return run.output;
  const how = run.timedOut ? `did not end within ${options.timeoutMs / 1000} s` : `ended with ${run.code}`;
  throw new Error(`${program} ${parameters.join(" ")} ${how}:\n${run.output}`);
}
