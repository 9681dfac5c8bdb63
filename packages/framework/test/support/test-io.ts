/** The command line inside the test's own process, and as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { CommandIo, Output, StopSignal } from "../../src/cli/io.ts";

/** A folder of the test's own, removed when the test has finished. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "mai-cli-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface TestIo {
  readonly io: CommandIo;
  out(): string;
  err(): string;
  signal(signal: StopSignal): void;
}

export interface TestIoOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

export function testIo(cwd: string, options: TestIoOptions = {}): TestIo {
  const out = memoryOutput(options.terminal);
  const err = memoryOutput(undefined);
  const listeners = new Set<(signal: StopSignal) => void>();
  const { PATH = "", HOME = "" } = process.env;
  const io: CommandIo = {
    stdout: out.output,
    stderr: err.output,
    env: { PATH, HOME, ...options.env },
    cwd,
    self: selfWords,
    now: () => Date.now(),
    readStdin: async () => new TextEncoder().encode(options.stdin ?? ""),
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    io,
    out: out.text,
    err: err.text,
    signal: (signal) => {
      for (const listener of listeners) listener(signal);
    },
  };
}

function memoryOutput(terminal: TestIoOptions["terminal"]): { readonly output: Output; text(): string } {
  let text = "";
  const decoder = new TextDecoder();
  const output: Output = {
    write: (chunk) => {
      text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    },
    drained: async () => undefined,
    isTTY: terminal !== undefined,
    columns: terminal?.columns ?? 80,
    rows: terminal?.rows ?? 24,
  };
  return { output, text: () => text };
}

/** Runs `mai` in this process. */
export async function mai(cwd: string, args: readonly string[], options: TestIoOptions = {}): Promise<Said> {
  const { io, out, err } = testIo(cwd, options);
  const code = await runCommandLine(args, io);
  return { code, out: out(), err: err() };
}

const source = fileURLToPath(new URL("mai-from-source.ts", import.meta.url));
/** The command line that is `mai` here. */
export const selfWords: readonly string[] = [process.execPath, "--conditions=mai-source", source];

export interface MaiProcess {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves once `text` stands in what it printed; rejects when it ends before. */
  prints(text: string): Promise<void>;
  /** Resolves exit code (or signal) once it has ended and its output is read. */
  readonly ended: Promise<number | string>;
}

/** Starts `mai` as a process of its own. */
export function startMai(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): MaiProcess {
  const [program = "", ...words] = selfWords;
  const child = spawn(program, [...words, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let out = "";
  let err = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    for (const look of waiting) look();
  });
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
    for (const look of waiting) look();
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  const prints = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!out.includes(text) && !err.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      ended.then(() => reject(new Error(`ended before it printed ${text}:\n${out}\n${err}`)), reject);
    });
  return { child, out: () => out, err: () => err, prints, ended };
}

/** A plan of shell commands: `{ id: command }`, or with more fields. */
export function planText(
  tasks: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>,
  head: Readonly<Record<string, unknown>> = {},
): string {
  const list = Object.entries(tasks).map(([id, task]) => ({
    id,
    type: "test",
    description: `do ${id}`,
    success_criteria: "it exits with 0",
    ...(typeof task === "string" ? { command: task } : task),
  }));
  return JSON.stringify({ version: 1, ...head, tasks: list });
}

/** Every line as the JSON that it must be. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
