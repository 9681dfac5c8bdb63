/** Signs of life that an attempt gives without saying anything: what its processes use, and what changes where it works. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Pulse, Vitals, Watch } from "mai-orchestration-engine";
import { hasProc, markedProcesses, processUse } from "./process-table.ts";

/**
 * Less CPU than this part of the time between two looks, and fewer bytes a second, is what a runtime uses while it only
 * waits: Claude Code 2.1.330 before a model that never answers used 0.2 to 0.4 % and passed around 60 bytes a second.
 */
const leastShare = 0.01;
const leastBytesPerSecond = 256;
/** The kernel counts CPU in ticks of this many milliseconds. */
const tickMs = 10;
/** However short the time was. */
const leastBytes = 4_096;

/** Directory entries looked at in a workspace at most, nearest to its top first. */
const mostEntries = 5_000;
/** Not the attempt's work: what the engine writes itself, and what is too large to be worth a look. */
const passedOver: ReadonlySet<string> = new Set([".mai", ".git", "node_modules"]);

interface Use {
  readonly cpuMs: number;
  readonly bytes: number;
}

/**
 * Looks at processes by their mark and at workspaces by the times of their
 * files; at the latter only when the processes did nothing. Where `/proc` is
 * missing (macOS) nothing is known of processes.
 *
 * @public
 */
export function createVitals(): Vitals {
  return { watch: (mark) => new ProcessWatch(mark) };
}

class ProcessWatch implements Watch {
  readonly #mark: string;
  #uses: ReadonlyMap<string, Use> | null = null;
  #lookedAt = Date.now();

  constructor(mark: string) {
    this.#mark = mark;
  }

  async look(workspace: string | null): Promise<Pulse> {
    const since = this.#lookedAt;
    this.#lookedAt = Date.now();
    const busy = this.#isBusy(this.#lookedAt - since);
    if (busy === true || workspace === null) return { busy, changed: null };
    return { busy, changed: await hasChangedSince(workspace, since) };
  }

  #isBusy(passedMs: number): boolean | null {
    if (!hasProc) return null;
    const before = this.#uses;
    const now = new Map(markedProcesses(this.#mark).flatMap(useOf));
    this.#uses = now;
    if (before === null) return null;
    let cpuMs = 0;
    let bytes = 0;
    for (const [id, use] of now) {
      const earlier = before.get(id);
      // Somebody was started since: that is a sign of life by itself.
      if (earlier === undefined) return true;
      cpuMs += use.cpuMs - earlier.cpuMs;
      bytes += use.bytes - earlier.bytes;
    }
    return (
      cpuMs >= Math.max(tickMs, passedMs * leastShare) ||
      bytes >= Math.max(leastBytes, (passedMs / 1_000) * leastBytesPerSecond)
    );
  }
}

function useOf(pid: number): [string, Use][] {
  const use = processUse(pid);
  return use === null ? [] : [[`${pid} ${use.started}`, { cpuMs: use.ticks * tickMs, bytes: use.bytes }]];
}

/** Whether anything in a folder was changed after `since`; ends at the first that was. */
async function hasChangedSince(folder: string, since: number): Promise<boolean> {
  const folders = [folder];
  let entries = 0;
  for (const one of folders) {
    if (await isNewer(one, since)) return true;
    const found = await readdir(one, { withFileTypes: true }).catch(() => []);
    for (const entry of found) {
      if (passedOver.has(entry.name)) continue;
      if (++entries > mostEntries) return false;
      const path = join(one, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (await isNewer(path, since)) return true;
    }
  }
  return false;
}

async function isNewer(path: string, since: number): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  // Times of files lag behind the clock by up to a tick of the kernel.
  return stats !== null && stats.mtimeMs > since + tickMs;
}
