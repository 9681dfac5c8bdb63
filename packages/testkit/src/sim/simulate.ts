/** Lets a world happen: the real engine, rules and store on a simulated machine, until all is done or time is up. */
import { messageOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Table } from "mai-orchestration-engine";
import { type Fact, lineOf } from "./history.ts";
import { Machine } from "./machine.ts";
import { hashOf } from "./random.ts";
import { Supervisor } from "./supervisor.ts";
import type { SimWorld } from "./world.ts";

/** After the world has healed everything must have ended within this much virtual time. */
const patienceMs = 24 * 60 * 60_000;
/** Far more timers than a world of a day needs: who fires more runs in circles. */
const timerLimit = 3_000_000;

/** A world that has happened. @public */
export interface Simulation {
  readonly world: SimWorld;
  readonly history: readonly Fact[];
  /** The store's rows as it was left. */
  readonly runs: readonly RunRecord[];
  readonly tasks: readonly TaskState[];
  /** Why it did not come to its end; `null` when it did. */
  readonly stuck: string | null;
}

/** What the store of a simulation stands on. @public */
export interface SimulateOptions {
  /** Opens the one file of the world for one more process. @defaultValue rows in memory */
  readonly openTable?: () => Table;
}

/**
 * Lets a world happen in virtual time, and resolves when all of it has ended or
 * cannot end any more.
 *
 * @public
 */
export async function simulate(world: SimWorld, options: SimulateOptions = {}): Promise<Simulation> {
  const machine = new Machine(world, options.openTable);
  const onRejection = (error: unknown): void =>
    machine.tell({ type: "broken", what: `nobody caught: ${messageOf(error)}` });
  process.on("unhandledRejection", onRejection);
  const supervisor = new Supervisor(machine);
  try {
    const stuck = await happen(machine, supervisor);
    const runs = machine.file.runs();
    const tasks = runs.flatMap(({ runId }) => machine.file.tasks({ runId }));
    return { world, history: [...machine.history], runs, tasks, stuck };
  } finally {
    supervisor.stop();
    machine.file.close();
    process.off("unhandledRejection", onRejection);
  }
}

/** The lines of a simulation: equal for equal seeds, on every runtime. @public */
export function traceOf(simulation: Simulation): readonly string[] {
  return simulation.history.map(lineOf);
}

/** A short name of a trace. @public */
export function fingerprintOf(trace: readonly string[]): string {
  return hashOf(trace.join("\n")).toString(16).padStart(8, "0");
}

async function happen(machine: Machine, supervisor: Supervisor): Promise<string | null> {
  const deadline = machine.world.healAtMs + patienceMs;
  for (let timers = 0; timers < timerLimit; timers++) {
    // Everything that can go on does so before time moves: computing takes none.
    if (!machine.wasQuiet) {
      await nextTurn();
      if (supervisor.isOver) return null;
    }
    machine.wasQuiet = false;
    if (machine.atMs > deadline) return `not over ${patienceMs / 3_600_000} hours after the world has healed`;
    if (!machine.clock.advance()) return "nothing is left that could happen";
  }
  return `not over after ${timerLimit} timers`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
