/** What the engine must know of processes that are not its children. */

/** A process that drives runs, recognisable although pids are reused. @public */
export interface WorkerIdentity {
  readonly workerId: string;
  readonly pid: number;
  /** When the process started, in whatever unit the system gives; equal only for the same process. */
  readonly started: string;
  /** The machine and boot it lives on; equal only where `pid` means the same. */
  readonly host: string;
}

/** How an engine learns whether other engines live, and ends what dead ones left running. @public */
export interface Custody {
  /** This process. */
  readonly self: WorkerIdentity;
  /** Whether that worker is proven dead. `false` when it lives, and when nobody here can tell. */
  isDead(worker: WorkerIdentity): boolean;
  /**
   * Whether `isDead` can tell of that worker at all: not of another machine or container. The death of such a worker
   * is presumed when this process has watched a whole lease pass in which it did not renew. Absent: of every worker.
   */
  canTell?(worker: WorkerIdentity): boolean;
  /** Whether a process that carries the mark lives here. Absent: nobody can tell. */
  isAlive?(mark: string): boolean;
  /** Ends every process that carries the mark and resolves when none is left. Touches no other process. */
  reap(mark: string): Promise<void>;
}
