/**
 * The guard of an engine: a small process at the other end of a pipe, which
 * ends what its engine left running should the engine die and nobody take
 * over within a lease.
 *
 * It has a session of its own, so that neither a hang-up nor a Ctrl-C reaches
 * it, and it never waits for anything but the pipe and the lease.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { invariant } from "mai-orchestration-core";
import { markVariable, outerMarksVariable } from "./environment.ts";
import { guardCommand } from "./guard-script.ts";
import { hasProc, markedProcesses } from "./process-table.ts";

/** A guard without work stays this long, so that the next process need not start another. */
const idleMs = 2_000;

/** @internal */
export class Guard {
  readonly workerId: string;
  readonly #leaseMs: number;
  /** Marks of attempts of dead workers that are in our hands now. */
  readonly #taken = new Set<string>();
  #child: ChildProcess | null = null;
  #running = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(workerId: string, leaseMs: number) {
    invariant(/^[\w.-]+$/.test(workerId), "a guard finds its worker's processes by a plain name");
    this.workerId = workerId;
    this.#leaseMs = leaseMs;
  }

  /** A process is about to be started; called again through the returned function when its whole tree is dead. */
  enter(): () => void {
    this.#running++;
    this.#watch();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#running--;
      this.#rest();
    };
  }

  /** From now on the processes of a dead worker that carry the mark are ours to end. */
  take(mark: string): void {
    if (!hasProc || this.#taken.has(mark) || markedProcesses(mark).length === 0) return;
    this.#watch();
    this.#taken.add(mark);
    this.#say(`too ${mark}`);
    this.#rest();
  }

  #watch(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#child !== null || !hasProc) return;
    const child = spawn("sh", [...guardCommand(this.workerId, this.#leaseMs)], {
      // Of no folder, so that it keeps none from being removed.
      cwd: "/",
      env: guardEnvironment(process.env),
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    // Without a guard the engine works as well; the next process asks for another.
    const gone = (): void => {
      if (this.#child === child) this.#child = null;
    };
    child.once("error", gone);
    child.once("exit", gone);
    child.stdin.on("error", () => {});
    child.unref();
    // A pipe is a socket to Node, and a guard keeps no process alive.
    if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
    this.#child = child;
    for (const mark of this.#taken) this.#say(`too ${mark}`);
  }

  #say(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  #rest(): void {
    if (this.#running > 0 || this.#child === null || this.#idle !== null) return;
    this.#idle = setTimeout(() => {
      this.#idle = null;
      for (const mark of this.#taken) if (markedProcesses(mark).length === 0) this.#taken.delete(mark);
      if (this.#taken.size > 0) return this.#rest();
      this.#child?.stdin?.end("done\n");
      this.#child = null;
    }, idleMs);
    this.#idle.unref();
  }
}

/** An engine inside an attempt has its guard there too: ending the attempt ends both. */
function guardEnvironment(source: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH } = source;
  const marks = [markVariable, outerMarksVariable].flatMap((name) => {
    const value = source[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...(PATH === undefined ? {} : { PATH }), ...Object.fromEntries(marks), LC_ALL: "C" };
}
