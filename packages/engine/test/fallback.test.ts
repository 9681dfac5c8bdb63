/** Agents without quota, login or service, and those that stand in for them. */
import { expect, test } from "vitest";
import { taskOf, world } from "./support/world.ts";

const noUsage = { costUsd: null };
const failed = (kind: string, retryAt?: number): object => ({
  outcome: { type: "failed", reason: kind, kind, output: "", usage: noUsage, ...(retryAt && { retryAt }) },
});
const tasks = (count: number, more: object = {}): ReturnType<typeof taskOf>[] =>
  Array.from({ length: count }, (_, i) => taskOf(`t${i}`, more));

/** Who ran each attempt, in the order of their starts. */
function scene(agents: readonly { id: string; [key: string]: unknown }[]) {
  const runs: string[] = [];
  const made = agents.map(({ id, behave, ...rest }) => ({
    id,
    ...rest,
    behave(task: { taskId: string }, attempt: number) {
      runs.push(`${task.taskId}#${attempt} ${id}`);
      return (
        (behave as ((n: number) => object) | undefined)?.(
          runs.filter((run) => run.endsWith(` ${id}`)).length,
        ) ?? {
          durationMs: 10,
        }
      );
    },
  }));
  return { ...world({ agents: made as never }), runs };
}

test.each(["quota", "login"])(
  "without %s one attempt is lost, uncounted, and a stand-in does all, pinned tasks too",
  async (kind) => {
    const { submit, drive, runs, state } = scene([
      { id: "a", fallback: ["spare"], behave: () => failed(kind, 3_600_000) },
      { id: "spare", capabilities: [] },
    ]);
    await submit(tasks(20, { agent: "a" }));

    await drive();

    expect(runs.filter((run) => run.endsWith(" a"))).toEqual(["t0#1 a"]);
    expect(runs).toContain("t0#2 spare");
    expect(await state("t0")).toMatchObject({
      failures: 0,
      agentId: "spare",
      end: { verdict: "unverified" },
    });
    expect((await state("t19")).attempt).toBe(1);
  },
);

test("an agent works again once its quota opens, first with one attempt", async () => {
  const { submit, drive, runs, told, clock } = scene([
    {
      id: "a",
      maxConcurrent: 3,
      fallback: ["spare"],
      behave: (n: number) => (n <= 3 ? failed("quota", 1_000) : { durationMs: 100 }),
    },
    { id: "spare", capabilities: [], behave: () => ({ durationMs: 600 }) },
  ]);
  await submit(tasks(9, { agent: "a" }));

  await drive();

  const startsAt = (at: number): number =>
    told.filter((line) => line.startsWith("started") && line.endsWith(` @${at}`)).length;
  expect([0, 600, 1_000, 1_100, 1_200].map(startsAt)).toEqual([3 + 1, 1, 1, 3, 3]);
  expect(runs.filter((run) => run.endsWith(" spare"))).toHaveLength(2);
  expect(clock.now()).toBe(1_300);
});

test("a stand-in that runs out hands on to the next of the chain, and the last one waits as it would alone", async () => {
  const { submit, drive, runs, state } = scene([
    { id: "a", fallback: ["b"], behave: () => failed("login") },
    { id: "b", capabilities: [], fallback: ["c", "a"], behave: () => failed("login") },
    {
      id: "c",
      capabilities: [],
      behave: (n: number) => (n === 1 ? failed("quota", 5_000) : { durationMs: 1 }),
    },
  ]);
  await submit(tasks(3));

  expect(await drive()).toBe("ended");

  expect(runs.filter((run) => run.endsWith(" a"))).toHaveLength(1);
  expect(runs.filter((run) => run.endsWith(" b"))).toHaveLength(1);
  expect((await state("t0")).end?.verdict).toBe("unverified");
});

test("chains that lead to nobody who can work end the task as without them", async () => {
  const { submit, drive, state } = scene([
    { id: "a", fallback: ["b"], behave: () => failed("login") },
    { id: "b", fallback: ["a"], behave: () => failed("login") },
  ]);
  await submit(tasks(3));

  expect(await drive()).toBe("ended");

  expect((await state("t2")).end?.verdict).toBe("failed");
});

test("an agent that nobody named stands in for nobody", async () => {
  const { submit, drive, runs } = scene([
    { id: "a", behave: (n: number) => (n === 1 ? failed("quota", 1_000) : { durationMs: 1 }) },
    { id: "other" },
  ]);
  await submit(tasks(2, { agent: "a" }));

  await drive();

  expect(runs.some((run) => run.endsWith(" other"))).toBe(false);
});

test("after an outage the stand-in works for a minute, while the task keeps its own retries", async () => {
  const { submit, drive, runs, state } = scene([
    {
      id: "a",
      fallback: ["spare"],
      behave: (n: number) => (n === 1 ? failed("transient") : { durationMs: 1 }),
    },
    { id: "spare", capabilities: [] },
  ]);
  await submit(tasks(2, { agent: "a", retry: { maxAttempts: 2 } }));

  await drive();

  expect(runs).toEqual(["t0#1 a", "t1#1 spare", "t0#2 spare"]);
  expect((await state("t0")).failures).toBe(1);
});
