/** What an agent is given while its attempt runs; made to cost nothing until it is used. */
import type { AgentContext, AgentReport } from "../ports/agent.ts";
import type { Clock } from "../ports/clock.ts";
import type { Note } from "../ports/store.ts";
import type { Place } from "../ports/workplace.ts";
import { markOf } from "./mark.ts";
import { ProgressReporter } from "./progress.ts";
import type { Running } from "./running.ts";

/** Milliseconds in which what an attempt left can be read, although its time was up when it was adopted. */
const readingMs = 1_000;

export class AttemptContext implements AgentContext {
  readonly root: string;
  readonly workspace: string;
  readonly outputFile: string;
  readonly #clock: Clock;
  readonly #running: Running;
  readonly #append: (note: Note) => void;
  #reporter: ProgressReporter | null = null;
  #stopTimeout: (() => void) | null = null;
  #stopIdle: (() => void) | null = null;
  #isClosed = false;

  constructor(clock: Clock, running: Running, place: Place, append: (note: Note) => void) {
    this.#clock = clock;
    this.#running = running;
    this.#append = append;
    this.root = place.root;
    this.workspace = place.workspace;
    this.outputFile = place.outputFile;
    const { spec, startedAt } = running.claim.task;
    if (spec.timeout !== undefined) {
      const ms = running.adopts ? leftOf(spec.timeout, startedAt, clock.now()) : spec.timeout;
      this.#stopTimeout = clock.timer(ms, () => running.stop("timeout"), true);
    }
    this.#watchSilence();
  }

  get signal(): AbortSignal {
    return this.#running.signal;
  }

  get mark(): string {
    return markOf(this.#running.claim);
  }

  /** A property and not a method, so that agents may take it out of the context. */
  readonly report = (report: AgentReport): void => {
    if (this.#isClosed) return;
    this.#watchSilence();
    this.#reporter ??= new ProgressReporter(this.#clock, this.#append);
    this.#reporter.report(report);
  };

  /** The agent has settled: nothing it says counts any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopTimeout?.();
    this.#stopIdle?.();
    this.#reporter?.close();
  }

  #watchSilence(): void {
    const { idleTimeout } = this.#running.claim.task.spec;
    if (idleTimeout === undefined) return;
    this.#stopIdle?.();
    this.#stopIdle = this.#clock.timer(idleTimeout, () => this.#running.stop("idle"), true);
  }
}

/** An attempt that is adopted has its deadline where it had it. A clock that was set back gives it no more than a whole timeout. */
function leftOf(timeoutMs: number, startedAt: number | null, now: number): number {
  const left = (startedAt ?? now) + timeoutMs - now;
  return Math.max(readingMs, Math.min(timeoutMs, left));
}
