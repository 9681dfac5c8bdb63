import { expect, test } from "vitest";
import { peakOf, taskOf, world } from "./support/world.ts";

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`);
const startsOf = (told: readonly string[]): number[] =>
  told.filter((line) => line.startsWith("started")).map((line) => Number(line.split("@")[1]));

test("C1: a slot that frees is filled at once, with no barrier behind a slow task", async () => {
  // The original started nine such tasks, three at a time, at 0, 100 and 106: each chunk waited for its slowest.
  const durations = [100, 6, 6, 6, 6, 6, 6, 6, 6];
  const behave = ({ taskId }: { taskId: string }): { durationMs: number } => ({
    durationMs: durations[Number(taskId.slice(1))] ?? 0,
  });
  const { submit, drive, told, clock } = world({ agents: [{ id: "a", maxConcurrent: 9, behave }] });
  await submit(ids(9).map((id) => taskOf(id)));

  expect(await drive({ parallel: 3 })).toBe("ended");

  expect(startsOf(told)).toEqual([0, 0, 0, 6, 6, 12, 12, 18, 18]);
  expect(clock.now()).toBe(100);
});

test("no slot is idle while a task is ready, whatever the durations", async () => {
  const count = 60;
  const durationOf = (id: string): number => ((Number(id.slice(1)) * 7919) % 97) + 1;
  const behave = ({ taskId }: { taskId: string }): { durationMs: number } => ({
    durationMs: durationOf(taskId),
  });
  const { submit, drive, journal } = world({ agents: [{ id: "a", maxConcurrent: 4, behave }] });
  await submit(ids(count).map((id) => taskOf(id)));

  await drive();

  let running = 0;
  let waiting = count;
  let last = 0;
  for (const { type, at } of await journal()) {
    if (at > last) expect(running, `at ${at}`).toBe(Math.min(4, running + waiting));
    last = at;
    if (type === "attempt.started") [running, waiting] = [running + 1, waiting - 1];
    if (type === "task.succeeded") running--;
  }
  expect([running, waiting]).toEqual([0, 0]);
});

test("C9: twelve tasks over eight slots wait for a slot and all succeed", async () => {
  const behave = (): { durationMs: number } => ({ durationMs: 10 });
  const { submit, drive, ended, journal, clock } = world({
    agents: [
      { id: "a", maxConcurrent: 5, behave },
      { id: "b", maxConcurrent: 3, behave },
    ],
  });
  await submit(ids(12).map((id) => taskOf(id)));

  await drive({ parallel: 12 });

  expect(ended.map((task) => task.end?.verdict)).toEqual(Array(12).fill("unverified"));
  expect(peakOf(await journal())).toBe(8);
  expect(clock.now()).toBe(20);
});

test("tasks that share a lock never run at once, and others pass them", async () => {
  const behave = (): { durationMs: number } => ({ durationMs: 10 });
  const { submit, drive, told } = world({ agents: [{ id: "a", maxConcurrent: 4, behave }] });
  const locked = { locks: ["port-3000"] };
  await submit([taskOf("x", locked), taskOf("y", locked), taskOf("z"), taskOf("w", locked)]);

  await drive();

  expect(told.filter((line) => line.startsWith("started"))).toEqual([
    "started x#1 @0",
    "started z#1 @0",
    "started y#1 @10",
    "started w#1 @20",
  ]);
});

test("two drives of one run each keep to their own slots, and share what both want", async () => {
  const behave = (): { durationMs: number } => ({ durationMs: 10 });
  const { submit, start, clock, told, ended } = world({ agents: [{ id: "a", maxConcurrent: 9, behave }] });
  await submit(ids(6).map((id) => taskOf(id)));

  const narrow = start({ only: ["t0", "t1", "t2"], parallel: 1 });
  const wide = start({ only: ids(6), parallel: 2 });
  await clock.runUntil(Promise.all([narrow.done, wide.done]));

  expect(startsOf(told)).toEqual([0, 0, 0, 10, 10, 20]);
  expect(ended).toHaveLength(6);
});

test("a run that is over is told although another run keeps the engine busy", async () => {
  const clock = world().clock;
  const behave = ({ taskId }: { taskId: string }): { durationMs: number } => ({
    durationMs: taskId === "short" ? 5 : 10,
  });
  const busy = world({ clock, agents: [{ id: "a", maxConcurrent: 2, behave }] });
  const other = { runId: "run-2", name: null, root: "/", parallel: null };
  const limits = { failFast: false, timeoutMs: null, sharedChecks: false };
  await busy.submit([taskOf("short")]);
  await clock.runUntil(
    busy.store.submit(
      { ...other, ...limits },
      ids(20).map((id) => taskOf(id)),
    ),
  );

  const first = busy.start();
  const second = busy.engine.drive({ runId: "run-2", root: "/" });
  await clock.runUntil(first.done);

  expect(clock.now()).toBe(5);
  await clock.runUntil(second.done);
});

test("tasks added to a drive are driven; a drive that is over says that it takes none", async () => {
  const { submit, start, clock, ended } = world();
  await submit([taskOf("a"), taskOf("b")]);
  const drive = start({ only: ["a"] });

  expect(drive.add(["b"])).toBe(true);
  await clock.runUntil(drive.done);

  expect(ended).toHaveLength(2);
  expect(drive.add(["c"])).toBe(false);
});

test("a task may be submitted before what it depends on", async () => {
  const { submit, drive, told } = world();
  await submit([
    taskOf("last", { dependsOn: ["middle", "first"] }),
    taskOf("middle", { dependsOn: ["first"] }),
    taskOf("first"),
  ]);

  await drive();

  expect(told.filter((line) => line.startsWith("ended")).map((line) => line.split(" ")[1])).toEqual([
    "first",
    "middle",
    "last",
  ]);
});

test("a task whose dependency had failed before it was submitted is blocked, and so is what depends on it", async () => {
  const { submit, drive, told } = world({
    agents: [{ id: "a", behave: () => ({ reject: new Error("no") }) }],
  });
  await submit([taskOf("bad")]);
  await drive();
  await submit([taskOf("far", { dependsOn: ["near"] }), taskOf("near", { dependsOn: ["bad"] })]);

  expect(await drive({ only: ["near", "far"] })).toBe("ended");

  expect(told.slice(2)).toEqual(["ended far blocked @0", "ended near blocked @0"].sort());
});
