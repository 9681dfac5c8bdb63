/** Journals progress at most once a second, and what was said last in any case. */
import type { AgentReport } from "../ports/agent.ts";
import type { Clock } from "../ports/clock.ts";
import type { Note } from "../ports/store.ts";

const intervalMs = 1_000;

export class ProgressReporter {
  readonly #clock: Clock;
  readonly #append: (note: Note) => void;
  #waiting: AgentReport | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #stopTimer: (() => void) | null = null;
  #closed = false;

  constructor(clock: Clock, append: (note: Note) => void) {
    this.#clock = clock;
    this.#append = append;
  }

  report(report: AgentReport): void {
    if (this.#closed) return;
    // A bare sign of life says nothing worth keeping.
    if (report.progress === undefined && report.message === undefined && report.sessionId === undefined)
      return;
    this.#waiting = { ...this.#waiting, ...report };
    const wait = this.#lastAt + intervalMs - this.#clock.now();
    if (wait <= 0) this.#flush();
    else this.#stopTimer ??= this.#clock.timer(wait, () => this.#flush());
  }

  close(): void {
    if (this.#waiting !== null) this.#flush();
    this.#closed = true;
    this.#stopTimer?.();
  }

  #flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    const report = this.#waiting;
    if (report === null || this.#closed) return;
    this.#waiting = null;
    this.#lastAt = this.#clock.now();
    this.#append({
      type: "progress",
      progress: percent(report.progress),
      message: report.message ?? null,
      sessionId: report.sessionId ?? null,
    });
  }
}

function percent(progress: number | undefined): number | null {
  if (progress === undefined || !Number.isFinite(progress)) return null;
  return Math.min(100, Math.max(0, progress));
}
