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
    onSignal: (listener) => signals.listen(listener),
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      if (stream.writable) stream.write(text);
    },
    drained: () =>
      new Promise((resolve) => {
        if (!stream.writableNeedDrain || !stream.writable) return resolve();
        stream.once("drain", resolve);
        stream.once("close", resolve);
        stream.once("error", () => resolve());
      }),
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
  brokenPipe = false;
  #listener: ((signal: StopSignal) => void) | null = null;
  #toldAt: number | null = null;

  listen(listener: (signal: StopSignal) => void): () => void {
    this.#listener = listener;
    for (const signal of stopSignals) process.on(signal, this.#receive);
    return () => {
      this.#listener = null;
      for (const signal of stopSignals) process.off(signal, this.#receive);
    };
  }

  /** A reader that went away (`| head`) is no error; any other failure of the output is reported. */
  outputFailed(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE") throw error;
    if (this.brokenPipe) return;
    this.brokenPipe = true;
    if (this.#listener === null) process.exit(0);
    if (this.#toldAt === null) this.#receive("SIGPIPE");
  }

  readonly #receive = (signal: StopSignal): void => {
    const now = performance.now();
    if (this.#toldAt !== null) {
      if (now - this.#toldAt < sameKeystrokeMs) return;
      if (process.stdout.isTTY) process.stdout.write("\u001b[?25h");
      process.exit(signal === "SIGINT" ? 130 : 143);
    }
    this.#toldAt = now;
    this.#listener?.(signal);
  };
}
