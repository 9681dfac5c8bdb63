/**
 * A wall around an attempt: `bwrap` gives its processes a process table of
 * their own, which ends with its first process. Nothing inside escapes an
 * ending, not even what drops its environment and its group; and nothing
 * inside outlives this process, so that nobody can adopt it.
 */

/** What may stand around an attempt. @public */
export type Sandbox = "bwrap";

/** What an agent's `sandbox` may be. @public */
export const sandboxes: readonly Sandbox[] = ["bwrap"];

/** What a person runs who has no bwrap. @public */
export const bwrapInstallCommand = "apt-get install bubblewrap";

const bwrap: readonly [string, ...string[]] = [
  "bwrap",
  ...["--bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
  ...["--unshare-pid", "--die-with-parent", "--new-session", "--"],
];

/** The marks of attempts that run behind a wall at the moment. */
const walled = new Set<string>();

/** Does work whose processes, all that carry the mark, are started behind a wall. @internal */
export async function behindWall<T>(mark: string, work: () => Promise<T>): Promise<T> {
  walled.add(mark);
  try {
    return await work();
  } finally {
    walled.delete(mark);
  }
}

/** @internal */
export function isBehindWall(mark: string): boolean {
  return walled.has(mark);
}

/** The command line that does the same behind a wall. @internal */
export function walledCommand(command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return [...bwrap, ...command];
}
