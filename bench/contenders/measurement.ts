/** What every contender of a throughput benchmark prints: one line of JSON. */
import { writeSync } from "node:fs";

export interface Measurement {
  readonly tasks: number;
  /** From the first task handed over until the last one is recorded as done. */
  readonly ms: number;
  readonly peakRssMb: number;
}

/** Prints the measurement and ends the process: pollers of some peers would keep it alive. */
export function finish(measurement: Omit<Measurement, "peakRssMb">): never {
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  // Synchronous, since the exit would not wait for a pipe.
  writeSync(1, `${JSON.stringify({ ...measurement, peakRssMb })}\n`);
  process.exit(0);
}

/** How many tasks, from the command line. */
export function taskCount(argument: string | undefined = process.argv[2]): number {
  const count = Number(argument);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`Not a number of tasks: ${argument}`);
  return count;
}

/** The contender must have run each task once; a faster wrong answer is no answer. */
export function assertRan(ran: number, tasks: number): void {
  if (ran !== tasks) throw new Error(`Ran ${ran} of ${tasks} tasks`);
}
