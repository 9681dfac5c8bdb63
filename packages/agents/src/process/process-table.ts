/**
 * The processes of this machine, as far as ending them needs it.
 *
 * Linux: `/proc`. Elsewhere: `ps`, which shows no environment, so that a
 * process which left its group before its parent died cannot be found there.
 */
import { readdirSync, readFileSync } from "node:fs";
import { markVariable, outerMarksVariable } from "./environment.ts";

/** @internal */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Dead, but not yet collected by its parent. */
  readonly zombie: boolean;
  /** Halted by SIGSTOP or a debugger; dead ones count as halted too. */
  readonly stopped: boolean;
  /** Equal only for the same process of this boot. */
  readonly started: string;
}

/** The row of one process; `null` when there is none of that pid. @internal */
export function processRow(pid: number): ProcessRow | null {
  return hasProc ? procRow(pid) : (psRows(["-p", String(pid)])[0] ?? null);
}

/** Whether `/proc` tells the environment of processes. @internal */
export const hasProc: boolean = process.platform === "linux";

/** On a machine where processes are born without end, a look must have one. */
const mostListings = 20;
/** What `/proc` counts in; the same on every architecture that Node runs on. */
const ticksPerSecond = 100;
const youngSeconds = 5;

/** What one look found. @internal */
export interface Look {
  /** Living processes, those born later last. */
  readonly pids: readonly number[];
  /** Whether all was seen; not while some young process is between two programs, and has no environment yet. */
  readonly isSure: boolean;
}

/** Living processes that carry the mark, or an inner engine's mark under it. Never this process. @internal */
export function markedProcesses(mark: string): readonly number[] {
  return lookForMark(mark).pids;
}

/**
 * Looks for a mark. That takes longer than some processes live: whoever was
 * born meanwhile is looked at too, so that a chain of processes of which each
 * starts the next and ends does not slip through.
 *
 * @internal
 */
export function lookForMark(mark: string): Look {
  const own = Buffer.from(`${markVariable}=${mark}\0`);
  const seen = new Set([process.pid]);
  const pids: number[] = [];
  let isSure = true;
  for (let listing = 0; listing < mostListings; listing++) {
    const born = processIds().filter((pid) => !seen.has(pid));
    if (born.length === 0) break;
    for (const pid of born) {
      seen.add(pid);
      const environment = readProc(pid, "environ");
      if (environment === null) continue;
      if (environment.length === 0) isSure &&= !isBetweenPrograms(pid);
      else if (carries(environment, own, mark)) pids.push(pid);
    }
  }
  return { pids, isSure };
}

/** Whether a process without an environment has just replaced its program. What has none for long was started so. */
function isBetweenPrograms(pid: number): boolean {
  const fields = statFields(pid);
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ", 1)[0]);
  const [state, started, memory] = [fields?.[0], Number(fields?.[19]), Number(fields?.[20])];
  // Threads of the kernel and the dead have no memory.
  return memory > 0 && state !== "Z" && state !== "X" && uptime - started / ticksPerSecond < youngSeconds;
}

/** What a process has used since it began; children that it waited for are in it. @internal */
export interface ProcessUse {
  readonly started: string;
  /** CPU time, in hundredths of a second. */
  readonly ticks: number;
  /** Read and written, whatever it was. */
  readonly bytes: number;
}

/** `null` when there is no such process, or nobody may know. Linux only. @internal */
export function processUse(pid: number): ProcessUse | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  const io = readProc(pid, "io")?.toString() ?? "";
  const bytes = [...io.matchAll(/^[rw]char: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  return { started: fields[19] ?? "", ticks, bytes };
}

/**
 * The marks that living processes carry, each once; none where no environment can be read. What an inner engine
 * started is named by that engine's mark.
 *
 * @internal
 */
export function livingMarks(): string[] {
  if (!hasProc) return [];
  const marks = processIds().map((pid) => environmentOf(pid).get(markVariable));
  return [...new Set(marks.filter((mark) => mark !== undefined))];
}

/**
 * Living members of a process group. The kernel answers for a whole group at
 * once: where it knows of members that no listing shows, they are between two
 * lives, and listed again.
 *
 * @internal
 */
export function groupMembers(group: number): number[] {
  for (let listing = 0; listing < mostListings && signalProcess(-group, 0); listing++) {
    const rows = hasProc ? processIds().map(procRow) : psRows(["-ax"]);
    const members = rows.filter((row) => row?.group === group);
    if (members.length > 0) return members.flatMap((row) => (row === null || row.zombie ? [] : [row.pid]));
  }
  return [];
}

/** Children of a process, theirs, and so on. @internal */
export function descendants(root: number, rows: readonly ProcessRow[] = psRows(["-ax"])): number[] {
  const found = [root];
  for (const parent of found) {
    for (const row of rows) if (row.parent === parent && !found.includes(row.pid)) found.push(row.pid);
  }
  return found.slice(1);
}

/** Sends a signal (0 only asks). `false` when there is no such process, or it is not ours. @internal */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** The arguments a process was started with; empty where nobody can tell. Linux only. @internal */
export function commandLine(pid: number): string[] {
  return readProc(pid, "cmdline")?.toString().split("\0") ?? [];
}

/** The environment a process was started with; empty where nobody may know. Linux only. @internal */
export function environmentOf(pid: number): ReadonlyMap<string, string> {
  const entries = readProc(pid, "environ")?.toString().split("\0") ?? [];
  return new Map(
    entries.flatMap((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
    }),
  );
}

/** All processes that `/proc` lists. @internal */
export function processIds(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^[1-9][0-9]*$/.test(name) ? [Number(name)] : []));
}

function carries(environment: Buffer, own: Buffer, mark: string): boolean {
  const at = environment.indexOf(own);
  if (at === 0 || (at > 0 && environment[at - 1] === 0)) return true;
  if (!environment.includes(outerMarksVariable)) return false;
  const prefix = `${outerMarksVariable}=`;
  const outer = environment
    .toString()
    .split("\0")
    .find((entry) => entry.startsWith(prefix));
  return outer?.slice(prefix.length).split("\n").includes(mark) ?? false;
}

/** What `/proc` says of a process, from its state on. */
function statFields(pid: number): string[] | null {
  const stat = readProc(pid, "stat")?.toString();
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  return stat === undefined ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function procRow(pid: number): ProcessRow | null {
  const fields = statFields(pid);
  if (fields === null) return null;
  const [state, parent, group] = fields;
  const started = fields[19];
  if (started === undefined) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    zombie: state === "Z" || state === "X",
    stopped: /^[TtZX]$/.test(state ?? ""),
    started,
  };
}

function readProc(pid: number, file: string): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return null;
  }
}

/** What `ps` shows. @internal */
function psRows(selection: readonly string[]): ProcessRow[] {
  const format = ["-o", "pid=", "-o", "ppid=", "-o", "pgid=", "-o", "stat=", "-o", "lstart="];
  // Loaded where it is used: it takes its time, and Linux does not need it.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout } = spawnSync("ps", [...selection, ...format], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
    if (pid === undefined || pid === "" || state === undefined) return [];
    const row = { pid: Number(pid), parent: Number(parent), group: Number(group) };
    return [
      { ...row, zombie: state.startsWith("Z"), stopped: /^[TZ]/.test(state), started: started.join(" ") },
    ];
  });
}
