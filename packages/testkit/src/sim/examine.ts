/** One seed from its world to the verdict on it. */
import { drawWorld } from "./draw-world.ts";
import { judge } from "./judge.ts";
import { fingerprintOf, type SimulateOptions, simulate, traceOf } from "./simulate.ts";
import type { FaultRates } from "./world.ts";

/** What a seed came to. @public */
export interface Examination {
  readonly seed: number;
  /** In which ways promises were broken; none when all held. */
  readonly broken: readonly string[];
  /** One line for each thing that happened; the same for the same seed, on every runtime. */
  readonly trace: readonly string[];
  /** A short name of the trace. */
  readonly fingerprint: string;
  /** How often things went wrong in this world: only what did at all. */
  readonly faults: Partial<FaultRates>;
  readonly tasks: number;
  readonly attempts: number;
  readonly deaths: number;
}

/** Simulates the world of a seed with the real engine and judges what happened. @public */
export async function examineSeed(seed: number, options: SimulateOptions = {}): Promise<Examination> {
  const simulation = await simulate(drawWorld(seed), options);
  const { world, history, tasks } = simulation;
  const trace = traceOf(simulation);
  const count = (counts: (fact: (typeof history)[number]) => boolean): number =>
    history.filter(counts).length;
  return {
    seed,
    broken: judge(simulation),
    trace,
    fingerprint: fingerprintOf(trace),
    faults: Object.fromEntries(Object.entries(world.faults).filter(([, rate]) => rate > 0)),
    tasks: tasks.length,
    attempts: count((fact) => fact.type === "entry" && fact.entry.type === "attempt.started"),
    deaths: count((fact) => fact.type === "worker.ended" && fact.how === "died"),
  };
}
