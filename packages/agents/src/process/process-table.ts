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
  /** Equal only for the same process of this boot. */
  readonly started: string;
}

/** The row of one process; `null` when there is none of that pid. @internal */
export function processRow(pid: number): ProcessRow | null {
  return hasProc ? procRow(pid) : (psRows(["-p", String(pid)])[0] ?? null);
}

/** Whether `/proc` tells the environment of processes. @internal */
export const hasProc: boolean = process.platform === "linux";

/** Living processes that carry the mark, or an inner engine's mark under it. Never this process. @internal */
export function markedProcesses(mark: string): number[] {
  const own = Buffer.from(`${markVariable}=${mark}\0`);
  return procPids().filter((pid) => pid !== process.pid && carries(pid, own, mark));
}

/** Living members of a process group. @internal */
export function groupMembers(group: number): number[] {
  // The kernel answers for a whole group at once; only a group that has members is worth a search.
  if (!signalProcess(-group, 0)) return [];
  const rows = hasProc ? procPids().map(procRow) : psRows(["-ax"]);
  return rows.flatMap((row) => (row !== null && row.group === group && !row.zombie ? [row.pid] : []));
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

function procPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^[1-9][0-9]*$/.test(name) ? [Number(name)] : []));
}

function carries(pid: number, own: Buffer, mark: string): boolean {
  const environment = readProc(pid, "environ");
  if (environment === null || environment.length === 0) return false;
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

function procRow(pid: number): ProcessRow | null {
  const stat = readProc(pid, "stat")?.toString();
  if (stat === undefined) return null;
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const started = fields[19];
  if (started === undefined) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    zombie: state === "Z" || state === "X",
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
    return [{ ...row, zombie: state.startsWith("Z"), started: started.join(" ") }];
  });
}
