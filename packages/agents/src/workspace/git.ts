/** Git, through the one process runner: nothing of the user's configuration runs, and a lock that is held is waited for. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProcess } from "../process/run-process.ts";

/** Where git runs, and what may stop it. @public */
export interface GitOptions {
  /** Absolute. */
  readonly cwd: string;
  /** Stands in the environment of git and of all it starts. */
  readonly mark: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** How a call of git ended. @public */
export interface GitEnd {
  readonly ok: boolean;
  /** `null` when it was stopped, or could not be started. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs git. Never rejects. @public */
export type Git = (args: readonly string[], options: GitOptions) => Promise<GitEnd>;

const timeoutMs = 600_000;
const lockPausesMs = [20, 50, 100, 200, 400, 800, 1_600, 3_200];
const lockHeld =
  /\.lock': File exists|cannot lock ref|could not lock config file|Unable to create '.*\.lock'|failed to read .*\/commondir/;

// No hook, no daemon, no editor, no signature and no background work of the user's may come of what we do.
const quiet = [
  ...["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0"],
  ...["-c", "maintenance.auto=false", "-c", "commit.gpgSign=false", "-c", "advice.detachedHead=false"],
];

/**
 * Git with a temporary folder of its own, which is removed by `close`.
 *
 * @public
 */
export function createGit(): { readonly git: Git; close(): void } {
  let folder: string | null = null;
  let calls = 0;
  const once: Git = async (args, options) => {
    folder ??= mkdtempSync(join(tmpdir(), "mai-git-"));
    const base = join(folder, String(++calls));
    const [outputFile, errorFile] = [`${base}.out`, `${base}.err`];
    const { stdin } = options;
    const end = await runProcess({
      // Output and errors apart, for only one of them is data.
      command: ["sh", "-c", 'exec git "$@" 2>"$0"', errorFile, ...quiet, ...args],
      cwd: options.cwd,
      env: {
        ...options.env,
        GIT_OPTIONAL_LOCKS: "0",
        GIT_TERMINAL_PROMPT: "0",
        GIT_EDITOR: "true",
        LC_ALL: "C",
      },
      outputFile,
      mark: options.mark,
      signal: options.signal,
      timeoutMs,
      ...(stdin === undefined ? {} : { stdin }),
    });
    const [out, said] = await Promise.all([textOf(outputFile), textOf(errorFile)]);
    const code = end.cause === "exited" ? end.exitCode : null;
    return { ok: code === 0, code, out, err: end.startFailure?.message ?? said };
  };
  const git: Git = async (args, options) => {
    for (const pauseMs of lockPausesMs) {
      const end = await once(args, options);
      if (end.ok || options.signal.aborted || !isLocked(end.err)) return end;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return once(args, options);
  };
  return {
    git,
    close() {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
      folder = null;
    },
  };
}

/** Somebody else is at it right now; that he was faster is an answer, and no lock. */
function isLocked(said: string): boolean {
  return lockHeld.test(said) && !/reference already exists|but expected/.test(said);
}

async function textOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  await rm(file, { force: true });
  return text;
}

/** What git said when it failed, in one line. @internal */
export function errorOf(end: GitEnd): string {
  const lines = end.err.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1);
  return (
    telling?.replace(/^(?:fatal|error): /, "") ??
    (end.code === null ? "git was stopped" : `git exited with ${end.code}`)
  );
}
