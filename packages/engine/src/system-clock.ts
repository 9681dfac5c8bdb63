/**
 * The machine's clock. No file of this package imports it: whoever builds an
 * engine or a store hands it in, so that a simulator can hand in another.
 */
import type { Clock } from "./ports/clock.ts";

/** The platform's timers count to 2^31 - 1; a longer wait would fire at once. */
const longestWaitMs = 2 ** 31 - 1;

/** The time of this machine; a timer may be longer than the 24.8 days that `setTimeout` can wait. @public */
export const systemClock: Clock = {
  now: () => Date.now(),
  timer(ms, fire, keepAlive = false) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const part = Math.min(leftMs, longestWaitMs);
      timer = setTimeout(() => (leftMs > part ? wait(leftMs - part) : fire()), part);
      if (!keepAlive) timer.unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
  soon(fire) {
    setImmediate(fire);
  },
};
