/** Other processes that share a file with the test. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface Child {
  readonly pid: number;
  /** Everything it has printed so far. */
  readonly lines: readonly string[];
  /** Resolves when it has printed so many lines, or has ended. */
  printed(count: number): Promise<void>;
  /** Gives it a line to read. */
  say(line: string): void;
  kill(): void;
  /** Resolves with its exit code when it is gone and all it printed has been read; `null` after a kill. */
  readonly ended: Promise<number | null>;
}

export interface StartOptions {
  /** A shell command that ends in executing `"$@"`, to change what the child may do. */
  readonly shell?: string;
  readonly uid?: number;
}

/** Starts a script of this folder with the runtime that runs the test. */
export function startChild(script: string, args: readonly string[], options: StartOptions = {}): Child {
  const program = [process.execPath, "--conditions=mai-source", join(import.meta.dirname, script), ...args];
  const command = options.shell === undefined ? program : ["sh", "-c", options.shell, "sh", ...program];
  const [file = "", ...rest] = command;
  const ids = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"], ...ids });
  return watch(child);
}

function watch(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface(child.stdout);
  reader.on("line", (line) => {
    lines.push(line);
    for (const look of [...waiting]) look();
  });
  // It may be gone before it reads.
  child.stdin.on("error", () => undefined);
  let over = false;
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]).then(([[code]]) => {
    over = true;
    for (const look of [...waiting]) look();
    return code as number | null;
  });
  return {
    pid: child.pid ?? 0,
    lines,
    printed: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (lines.length < count && !over) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    say: (line) => void child.stdin.write(`${line}\n`),
    kill: () => void child.kill("SIGKILL"),
    ended,
  };
}
