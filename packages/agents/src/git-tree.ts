/**
 * The git tree of a work tree as it is right now, without touching it: the
 * index is a copy in a temporary folder. Objects go into the repository's own
 * store, where git collects them in time, so that a tree that a receipt names
 * can be looked at.
 */
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runProcess } from "./process/run-process.ts";

const timeoutMs = 120_000;

// No hook, no daemon and no lock of the user's repository may come of our looking at it.
const quiet = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"];

/** A snapshot that is being made, and those who want one that starts after it. */
interface Line {
  running: Snapshot;
  next: Snapshot | null;
}

interface Snapshot {
  /** Settles when nothing it started is alive. */
  readonly ended: Promise<unknown>;
  /** Nobody waits for it any more. */
  readonly abandoned: boolean;
  wait(signal: AbortSignal): Promise<string | null>;
}

const lines = new Map<string, Line>();

/**
 * The id of the tree (`git write-tree`) of the work tree that `folder` is in,
 * `.mai` folders left out, ignored files too. `null` outside git, and where
 * git refuses. After `signal` aborts it resolves `null`, with no process left
 * that only this caller needed.
 *
 * Several who ask for the same folder at the same time share a snapshot that
 * starts after they asked.
 *
 * @public
 */
export async function gitTree(folder: string, signal: AbortSignal): Promise<string | null> {
  return signal.aborted ? null : snapshotOf(folder).wait(signal);
}

function snapshotOf(folder: string): Snapshot {
  const line = lines.get(folder);
  if (line === undefined) return begin(folder, snapshotAfter(Promise.resolve(), folder));
  // One that runs has perhaps read already what changed since: only one that has not begun can be shared.
  if (line.next === null || line.next.abandoned) line.next = snapshotAfter(line.running.ended, folder);
  return line.next;
}

function begin(folder: string, running: Snapshot): Snapshot {
  lines.set(folder, { running, next: null });
  void running.ended.then(() => {
    const next = lines.get(folder)?.next ?? null;
    if (next === null) lines.delete(folder);
    else begin(folder, next);
  });
  return running;
}

function snapshotAfter(before: Promise<unknown>, folder: string): Snapshot {
  const controller = new AbortController();
  let waiting = 0;
  const tree = before.then(() => makeSnapshot(folder, controller.signal).catch(() => null));
  return {
    ended: tree,
    get abandoned() {
      return controller.signal.aborted;
    },
    wait(signal) {
      waiting++;
      return new Promise((resolve) => {
        // The last to leave waits for the death of what was started; others may go at once.
        const leave = (): void => {
          if (--waiting === 0) controller.abort();
          else resolve(null);
        };
        signal.addEventListener("abort", leave, { once: true });
        void tree.then((result) => {
          signal.removeEventListener("abort", leave);
          resolve(signal.aborted ? null : result);
        });
      });
    },
  };
}

async function makeSnapshot(folder: string, signal: AbortSignal): Promise<string | null> {
  const temporary = mkdtempSync(join(tmpdir(), "mai-tree-"));
  try {
    const git = gitIn(temporary, signal);
    const place = await git(folder, ["rev-parse", "--show-toplevel", "--git-path", "index"], {});
    // Warnings, if there are any, come before.
    const [top, index] = place?.trimEnd().split("\n").slice(-2) ?? [];
    if (top === undefined || index === undefined) return null;
    const env = { GIT_INDEX_FILE: join(temporary, "index") };
    copyIndex(resolve(folder, index), env.GIT_INDEX_FILE);
    const added = await git(top, ["add", "-A", "--", ".", ":(exclude,glob)**/.mai/**"], env);
    if (added === null) return null;
    return (await git(top, ["write-tree"], env))?.match(/^[0-9a-f]{40,64}$/m)?.[0] ?? null;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * A copy spares git from reading every file again. Its time is set back to the
 * second of the original: git trusts only entries older than their index, and
 * a younger copy would make it trust files that changed in the same moment.
 */
function copyIndex(from: string, to: string): void {
  const original = statSync(from, { throwIfNoEntry: false });
  if (original === undefined) return;
  copyFileSync(from, to);
  const second = Math.floor(original.mtimeMs / 1_000);
  utimesSync(to, second, second);
}

type Git = (
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<string | null>;

/** Git in a few calls; what it prints when it succeeds, else `null`. */
function gitIn(temporary: string, signal: AbortSignal): Git {
  let calls = 0;
  return async (cwd, args, env) => {
    const outputFile = join(temporary, `output-${++calls}`);
    const end = await runProcess({
      command: ["git", ...quiet, ...args],
      cwd,
      env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
      outputFile,
      mark: `git-tree-${randomUUID()}`,
      signal,
      timeoutMs,
    });
    return end.exitCode === 0 && end.cause === "exited" ? readFileSync(outputFile, "utf8") : null;
  };
}
