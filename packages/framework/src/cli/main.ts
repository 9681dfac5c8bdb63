/** The one file that touches the process: its streams, signals and exit code. */
import { runCommandLine } from "./command-line.ts";
import type { CommandIo, Output, StopSignal } from "./io.ts";

/** Runs the command line and sets the exit code. @internal */
export async function main(argv: readonly string[]): Promise<void> {
  const signals = new Signals();
  process.stdout.on("error", (error) => signals.outputFailed(error));
  process.stderr.on("error", () => undefined);
  const code = await runCommandLine(argv, processIo(signals));
  // Set, not exited with: what was written may still be on its way to a pipe.
  process.exitCode = code;
}

function processIo(signals: Signals): CommandIo {
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
    now: () => Date.now(),
    readStdin,
    onSignal: (listener, last) => signals.listen(listener, last),
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      if (stream.writable) stream.write(text);
    },
    drained: () => drained(stream),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (!stream.writableNeedDrain || !stream.writable) return Promise.resolve();
  return new Promise((resolve) => {
    const ends = ["drain", "close", "error"] as const;
    const done = (): void => {
      for (const end of ends) stream.off(end, done);
      resolve();
    };
    for (const end of ends) stream.on(end, done);
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).byteLength;
    // More than any reader accepts; it will say so.
    if (size > 64 * 1024 * 1024) break;
  }
  return Buffer.concat(chunks);
}

/** `npx` and `npm run` pass a Ctrl-C on that the terminal had sent here already; within this time both are one. */
const sameKeystrokeMs = 500;

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Hands the first signal to the verb that listens; the second one, or any without a listener, ends the process. */
class Signals {
  #isBroken = false;
  #listener: ((signal: StopSignal) => void) | null = null;
  #last: (() => void) | null = null;
  #toldAt: number | null = null;

  listen(listener: (signal: StopSignal) => void, last: () => void = () => {}): () => void {
    this.#listener = listener;
    this.#last = last;
    for (const signal of stopSignals) process.on(signal, this.#receive);
    return () => {
      this.#listener = null;
      this.#last = null;
      for (const signal of stopSignals) process.off(signal, this.#receive);
    };
  }

  /** A reader that went away (`| head`) is no error and said quietly; in either case nobody reads any more. */
  outputFailed(error: NodeJS.ErrnoException): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const isQuiet = error.code === "EPIPE";
    if (!isQuiet) process.stderr.write(`mai: its output cannot be written: ${error.message}\n`);
    if (this.#listener === null) process.exit(isQuiet ? 0 : 1);
    if (this.#toldAt === null) this.#receive("SIGPIPE");
  }

  readonly #receive = (signal: StopSignal): void => {
    const now = performance.now();
    if (this.#toldAt !== null) {
      if (now - this.#toldAt < sameKeystrokeMs) return;
      this.#last?.();
      if (process.stdout.isTTY) process.stdout.write("\u001b[?25h");
      process.exit(signal === "SIGINT" ? 130 : 143);
    }
    this.#toldAt = now;
    this.#listener?.(signal);
  };
}
