/**
 * How a program ended, kept in a file beside its output: only its parent is told that, and the parent may be dead by
 * then. A shell of three lines is the parent that writes it down, and then ends as the program did.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";

/** @internal */
export interface ExitRecord {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
}

/**
 * Signals that ask are for the program: the shell waits for it in any case. How it ends after one is no answer: whoever
 * ended it, an engine or a machine that shuts down, had given up on it. Of a program that a signal ended the shell
 * would print a word into the output, so its own stderr is elsewhere; some shells redirect themselves for a program, but never for a subshell.
 */
const script = `stopped=
record=$1
shift
trap 'stopped=1' HUP INT QUIT TERM
exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
code=$?
if [ -n "$stopped" ]; then
  echo stopped >"$record"
elif [ ! -s "$record" ]; then
  echo "$code" >"$record"
fi
if [ "$code" -gt 128 ] && [ "$code" -le 159 ]; then
  trap - HUP INT QUIT TERM
  ulimit -c 0
  kill -s "$(kill -l "$code")" $$
fi
exit "$code"`;

/** Where the end of what prints to a file is recorded. @internal */
export function exitFileOf(outputFile: string): string {
  return `${outputFile}.exit`;
}

/** The command that runs a command and records its end in `exitFile`. @internal */
export function recordingCommand(
  command: readonly [file: string, ...args: string[]],
  exitFile: string,
): readonly [file: string, ...args: string[]] {
  return ["sh", "-c", script, "sh", exitFile, ...command];
}

const stopWord = "stopped\n";

/** Records that what prints to a file was told to stop: how it ends then is no answer, whoever comes to read it. @internal */
export function recordStop(outputFile: string): void {
  try {
    writeFileSync(exitFileOf(outputFile), stopWord, { mode: 0o600 });
  } catch {
    // Where nothing can be written any more, nothing has been answered either.
  }
}

/** Whether a stop was recorded. @internal */
export function wasStopped(outputFile: string): boolean {
  return read(exitFileOf(outputFile)) === stopWord;
}

/** What was recorded; `null` while nothing was, or not all of it. @internal */
export function readExitRecord(exitFile: string): ExitRecord | null {
  const code = /^([0-9]{1,3})\n$/.exec(read(exitFile))?.[1];
  if (code === undefined) return null;
  const signal = Object.entries(constants.signals).find(([, number]) => number === Number(code) - 128);
  return signal === undefined
    ? { exitCode: Number(code), exitSignal: null }
    : { exitCode: null, exitSignal: signal[0] };
}

function read(exitFile: string): string {
  try {
    return readFileSync(exitFile, "latin1");
  } catch {
    return "";
  }
}
