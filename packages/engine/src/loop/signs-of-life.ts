/**
 * Whether an attempt that says nothing has stalled: judged by what it printed,
 * by a call of a tool that is under way, by what its processes use, and by what
 * changes in its workspace. Quiet but alive is not stalled.
 *
 * Time is measured by timers, not by the clock's face, which may jump.
 */
import { formatDuration } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Pulse, Vitals, Watch } from "../ports/vitals.ts";

/** An attempt is looked at so many times within its idle timeout. */
const looksPerTimeout = 4;
/** A call under way counts for so many idle timeouts: one that hangs for ever must not hide that. */
const callPatience = 10;
/** Milliseconds between two lines that say an attempt is quiet but alive. */
const quietEveryMs = 60_000;

/** What the judgement is made with, and who hears it. */
export interface SignsPorts {
  readonly clock: Clock;
  readonly idleMs: number;
  readonly mark: string;
  /** `null` for agents of which only reports can be known. */
  readonly vitals: Vitals | null;
  /** The directory whose changes are the attempt's; `null` while others work there too. */
  workspace(): string | null;
  /** Says, at most once a minute, why a quiet attempt counts as alive. */
  quiet(message: string): void;
  stalled(reason: string): void;
}

/** When each sign was last seen, in milliseconds of the attempt's life; `null`: never. */
interface Seen {
  output: number | null;
  busy: number | null;
  changed: number | null;
}

/** A call of a tool, and since when it is under way. */
interface Call {
  readonly what: string;
  readonly since: number;
}

export class SignsOfLife {
  readonly #ports: SignsPorts;
  readonly #stepMs: number;
  readonly #watch: Watch | null;
  readonly #seen: Seen = { output: null, busy: null, changed: null };
  #pulse: Pulse = { busy: null, changed: null };
  #call: Call | null = null;
  /** Milliseconds of the attempt's life up to the step that is under way. */
  #livedMs = 0;
  #stepFrom: number;
  /** Looks since any sign. */
  #looks = 0;
  #saidQuietAt: number | null = null;
  #stopTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(ports: SignsPorts) {
    this.#ports = ports;
    this.#watch = ports.vitals?.watch(ports.mark) ?? null;
    this.#stepMs = ports.idleMs / (this.#watch === null ? 1 : looksPerTimeout);
    this.#stepFrom = ports.clock.now();
    this.#next();
  }

  /** It said something. @param call - the call now under way, `null` when none is, `undefined` when it did not say */
  spoke(call: string | null | undefined): void {
    if (this.#isClosed) return;
    this.#livedMs += this.#elapsed();
    this.#seen.output = this.#livedMs;
    if (call === null) this.#call = null;
    else if (call !== undefined && call !== this.#call?.what)
      this.#call = { what: call, since: this.#livedMs };
    this.#looks = 0;
    this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
  }

  #next(): void {
    this.#stopTimer();
    this.#stepFrom = this.#ports.clock.now();
    this.#stopTimer = this.#ports.clock.timer(this.#stepMs, () => this.#step(), true);
  }

  /** Milliseconds of the step that is under way: a clock that jumped tells no more than the step could take. */
  #elapsed(): number {
    return Math.min(this.#stepMs, Math.max(0, this.#ports.clock.now() - this.#stepFrom));
  }

  #step(): void {
    this.#livedMs += this.#stepMs;
    this.#looks++;
    if (this.#watch === null) {
      this.#ports.stalled(`silent for ${formatDuration(this.#ports.idleMs)}`);
      return;
    }
    const looks = this.#looks;
    this.#stepFrom = this.#ports.clock.now();
    // A look that fails tells nothing; the others decide.
    void this.#watch
      .look(this.#ports.workspace())
      .catch((): Pulse => ({ busy: null, changed: null }))
      .then((pulse) => {
        // Whoever spoke during the look needs no judgement.
        if (!this.#isClosed && this.#looks === looks) this.#judge(pulse);
      });
  }

  #judge(pulse: Pulse): void {
    this.#pulse = pulse;
    if (pulse.busy === true) this.#seen.busy = this.#livedMs;
    if (pulse.changed === true) this.#seen.changed = this.#livedMs;
    const { idleMs } = this.#ports;
    const call = this.#call !== null && this.#livedMs - this.#call.since <= callPatience * idleMs;
    const signs = [
      ...(call ? [`a call under way: ${this.#call?.what}`] : []),
      ...(pulse.busy === true ? ["CPU or I/O of its processes"] : []),
      ...(pulse.changed === true ? ["changes in its workspace"] : []),
    ];
    if (signs.length > 0) {
      this.#looks = 0;
      this.#sayQuiet(signs);
    } else if (this.#looks >= looksPerTimeout) {
      this.#ports.stalled(`silent for ${formatDuration(idleMs)}: ${this.#account()}`);
      return;
    }
    this.#next();
  }

  /** Only where silence alone would have ended it. */
  #sayQuiet(signs: readonly string[]): void {
    const silentMs = this.#livedMs - (this.#seen.output ?? 0);
    if (silentMs < this.#ports.idleMs) return;
    if (this.#saidQuietAt !== null && this.#livedMs - this.#saidQuietAt < quietEveryMs) return;
    this.#saidQuietAt = this.#livedMs;
    this.#ports.quiet(`quiet for ${formatDuration(silentMs)} but alive: ${signs.join(", ")}`);
  }

  /** Every sign with its last time, for the journal. */
  #account(): string {
    const { output, busy, changed } = this.#seen;
    const call =
      this.#call === null
        ? "no call under way"
        : `a call under way for ${formatDuration(this.#livedMs - this.#call.since)} (${this.#call.what})`;
    return [
      output === null ? "no output yet" : `last output ${this.#ago(output)}`,
      call,
      this.#told("CPU or I/O", busy, this.#pulse.busy),
      this.#told("workspace change", changed, this.#pulse.changed),
    ].join(", ");
  }

  #told(what: string, at: number | null, now: boolean | null): string {
    if (at !== null) return `last ${what} ${this.#ago(at)}`;
    return now === null ? `${what} not known` : `no ${what}`;
  }

  #ago(at: number): string {
    return `${formatDuration(this.#livedMs - at)} ago`;
  }
}
