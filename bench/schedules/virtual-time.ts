/** Time that stands still while anything can still happen, then jumps to the next timer. */

export interface VirtualTime {
  now(): number;
  /** Resolves `ms` from now. */
  sleep(ms: number): Promise<void>;
  /** Plays until no timer is left, letting every consequence of one timer happen before the next. */
  play(): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

export function virtualTime(): VirtualTime {
  let timers: Timer[] = [];
  let now = 0;
  return {
    now: () => now,
    sleep: (ms) => new Promise((fire) => timers.push({ at: now + ms, fire })),
    async play() {
      await settled();
      while (timers.length > 0) {
        // Equal times fire in the order in which they were set.
        const next = timers.reduce((first, timer) => (timer.at < first.at ? timer : first));
        timers = timers.filter((timer) => timer !== next);
        now = next.at;
        next.fire();
        await settled();
      }
    },
  };
}

/** Every promise that can settle by now has settled: immediates run after all microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
