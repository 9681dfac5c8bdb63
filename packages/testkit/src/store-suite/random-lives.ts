/** Laws that hold whatever is asked of a store, and that it does as the store in memory does. */
import fc from "fast-check";
import type { JournalEntry, TaskState } from "mai-orchestration-core";
import { memoryStore, type Store } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { canonicalJournal, checkFold, checkJournal } from "../checkers.ts";
import type { OpenStore, StoreTraits } from "../store-harness.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { eventfulLife, reachableTypes } from "./eventful-life.ts";
import { anyLife, caps, type Life, playLife } from "./random-life.ts";
import { noon, readJournal } from "./scene.ts";

interface Lived {
  readonly answers: readonly unknown[];
  readonly journal: readonly JournalEntry[];
  readonly tasks: readonly (readonly TaskState[])[];
}

export function describeRandomLives(open: OpenStore, { randomLives }: StoreTraits): void {
  test("the journal obeys every law, rows are its fold, and all is as in memory", {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(anyLife, async (life) => {
        await judge(open, life);
      }),
      { numRuns: randomLives },
    );
  });

  // Laws about what never happens would hold of a store that does nothing; and chance need not reach everything.
  test("so it is in a life in which every type of event happens", { timeout: 120_000 }, async () => {
    const { journal } = await judge(open, eventfulLife);

    expect([...new Set(journal.map((entry) => entry.type))].sort()).toEqual(reachableTypes);
  });
}

async function judge(open: OpenStore, life: Life): Promise<Lived> {
  const lived = await liveIn(open, life);
  const memory = await liveIn(openMemory, life);

  expect(checkJournal(lived.journal, caps)).toEqual([]);
  for (const [index, tasks] of lived.tasks.entries()) {
    expect(checkFold(lived.journal, `run-${index + 1}`, tasks)).toEqual([]);
  }
  expect(canonicalJournal(lived.journal)).toEqual(canonicalJournal(memory.journal));
  expect(plain(lived.answers)).toEqual(plain(memory.answers));
  return lived;
}

async function liveIn(open: OpenStore, life: Life): Promise<Lived> {
  const clock = new VirtualClock(noon);
  const opened = await open(clock);
  try {
    const { store } = opened;
    const other = life.twoHandles ? ((await opened.reopen?.()) ?? store) : store;
    const answers = await playLife([store, other], clock, life);
    return { answers, journal: await readJournal(store), tasks: await tasksOf(other) };
  } finally {
    await opened.destroy();
  }
}

async function tasksOf(store: Store): Promise<readonly (readonly TaskState[])[]> {
  return Promise.all(["run-1", "run-2"].map((runId) => store.tasks({ runId })));
}

const openMemory: OpenStore = async (clock) => {
  const store = memoryStore(clock);
  return { store, destroy: () => store.close() };
};

/** Sequences may differ between stores that did the same; nothing else may. */
function plain(answers: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(answers, (key, value) => (key === "sequence" ? undefined : value)));
}
