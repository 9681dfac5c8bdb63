import { VirtualClock } from "mai-orchestration-testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryStore } from "../src/index.ts";
import { taskOf, wait, world, wrapStore } from "./support/world.ts";

const unhandled: unknown[] = [];
const note = (error: unknown): void => {
  unhandled.push(error);
};
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
});

const full = new Error("disk full");

interface Aftermath {
  readonly ends: readonly string[];
  /** Tasks that have not ended. */
  readonly open: number;
  /** Attempts that the store believes to run. */
  readonly held: number;
  /** Calls that the store was asked. */
  readonly calls: number;
}

/** A busy little run on a store that fails call `n`, or every call from `n` on. */
async function runWithFailure(n: number, lasting: boolean): Promise<Aftermath> {
  const clock = new VirtualClock();
  const memory = memoryStore(clock);
  let calls = 0;
  let armed = false;
  const store = wrapStore(memory, () => {
    if (!armed) return;
    calls++;
    if (calls === n || (lasting && calls > n)) throw full;
  });
  const behave = ({ taskId }: { taskId: string }, attempt: number): object => {
    const reports = [{ afterMs: 1, report: { progress: 5 } }];
    if (taskId === "shaky" && attempt === 1) return { durationMs: 3, reject: new Error("no") };
    return { durationMs: taskId === "long" ? 8_000 : 10, stopMs: 2, reports };
  };
  const { submit, start, engine, told } = world({
    clock,
    store,
    agents: [{ id: "a", maxConcurrent: 3, behave, maxAttempts: 2 }],
  });
  await submit([
    ...["shaky", "long", "x", "y", "z"].map((id) => taskOf(id)),
    taskOf("behind", { dependsOn: ["x", "y"], verify: [{ command: "true" }] }),
  ]);

  armed = true;
  const drives = [
    start({ only: ["shaky", "long", "behind", "x"] }),
    start({ only: ["y", "z"], timeoutMs: 60_000 }),
  ];
  const ends = await clock.runUntil(
    Promise.all(drives.map(({ done }) => done.catch((error: unknown) => (error as Error).message))),
  );
  armed = false;
  const held = (await clock.runUntil(memory.held("run-1"))).length;
  const { total, phases } = await clock.runUntil(memory.counts("run-1"));
  expect(clock.pending, `timers after call ${n} failed`).toBe(0);
  expect(told.filter((line) => line.startsWith("ended x"))).not.toHaveLength(2);
  await clock.runUntil(engine.interrupt("over"));
  return { ends, open: total - (phases.ended ?? 0), held: lasting ? 0 : held, calls };
}

test.each([true, false])(
  "whichever call of the store fails, drives reject and nothing keeps running (for good: %s)",
  async (lasting) => {
    let untouched = false;
    for (let n = 1; !untouched; n++) {
      const { ends, open, held, calls } = await runWithFailure(n, lasting);
      untouched = calls < n;
      // A drive may have been over before the call failed: then all of it has really ended.
      for (const end of ends) expect(end, `call ${n}`).toMatch(/^(ended|disk full)$/);
      if (!ends.includes("disk full")) expect(open, `call ${n}`).toBe(0);
      // A settlement that failed leaves its claim to whoever finds this engine dead; all others are given back.
      expect(held, `attempts held after call ${n} failed`).toBeLessThanOrEqual(1);
      expect(n).toBeLessThan(200);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  },
);

test("a drive of an engine whose store failed rejects with that failure", async () => {
  const clock = new VirtualClock();
  let broken = false;
  const store = wrapStore(memoryStore(clock), (_call, method) => {
    if (broken && method === "claim") throw full;
  });
  const { submit, drive } = world({ clock, store });
  await submit([taskOf("t")]);
  broken = true;
  await expect(drive()).rejects.toThrow("disk full");
  broken = false;

  await expect(drive()).rejects.toThrow("disk full");
});

test("a drive rejects only after what ran is dead", async () => {
  const clock = new VirtualClock();
  let broken = false;
  const store = wrapStore(memoryStore(clock), () => {
    if (broken) throw full;
  });
  const { submit, start, told } = world({
    clock,
    store,
    agents: [{ id: "a", maxConcurrent: 2, behave: () => ({ durationMs: null, stopMs: 700 }) }],
  });
  await submit([taskOf("t"), taskOf("u")]);
  const { done } = start();
  await clock.runUntil(wait(clock, 10));
  expect(told).toHaveLength(2);
  broken = true;

  // Nothing is written until the heartbeat.
  await expect(clock.runUntil(done)).rejects.toThrow("disk full");
  expect(clock.now()).toBe(5_700);
});
