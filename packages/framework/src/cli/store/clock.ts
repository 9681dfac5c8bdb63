import type { Clock } from "mai-orchestration-engine";

/** The machine's clock. @internal */
export const storeClock: Clock = {
  now: () => Date.now(),
  timer: (ms, fire, keepAlive = false) => {
    const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
    if (!keepAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
