/** Somebody at the terminal who says yes or no to what waits for that: late, twice, and sometimes to what does not wait. */
import type { ApprovalAnswer, TaskState } from "mai-orchestration-core";
import type { Engine, Store } from "mai-orchestration-engine";
import type { Machine } from "./machine.ts";
import { type Random, randomOf } from "./random.ts";
import type { SimProcess } from "./sim-process.ts";

/** How a person reaches the store, for one answer. */
export interface Way {
  /** `null`: through the engine of a worker. */
  readonly process: SimProcess | null;
  readonly by: Pick<Engine | Store, "answerApproval">;
}

/** Looks from time to time, for as long as `isOver` says no. */
export function person(machine: Machine, wayOf: (random: Random) => Way, isOver: () => boolean): void {
  const random = randomOf(`person ${machine.world.seed}`);
  const look = (): void => {
    if (isOver()) return;
    const asked = machine.world.runs.flatMap(({ runId }) =>
      machine.file.tasks({ runId }).filter((task) => isAnswered(task, random)),
    );
    for (const task of asked) void answer(machine, task, wayOf(random), random);
    if (asked.length === 0) machine.wasQuiet = true;
    machine.after(random.int(1, 30) * 1_000, look);
  };
  look();
}

/** Mostly what waits; now and then what does not, or not any more. */
function isAnswered({ spec, phase }: TaskState, random: Random): boolean {
  if (spec.approval === undefined) return false;
  return random.chance(phase === "approval-wait" ? 0.6 : 0.02);
}

async function answer(machine: Machine, task: TaskState, way: Way, random: Random): Promise<void> {
  const { runId, spec, attempt } = task;
  const { taskId } = spec;
  const approved = random.chance(0.75);
  const given: ApprovalAnswer = { approved, by: "ann", via: "sim", note: null, attempt };
  const times = random.chance(0.2) ? 2 : 1;
  for (let i = 0; i < times; i++) {
    // Not acknowledged, or refused, is not promised.
    const settlement = await way.by.answerApproval(runId, taskId, given).catch(() => null);
    if (settlement?.ok === true)
      machine.tell({ type: "answer.acknowledged", runId, taskId, attempt, approved });
  }
  way.process?.end("exited");
}
