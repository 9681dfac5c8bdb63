import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "mai-orchestration-engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../src/index.ts";
import { type Child, startChild } from "./support/child.ts";
import { newFolder } from "./support/folder.ts";
import { runOf, taskOf } from "./support/scene.ts";

let folder = "";
let path = "";

beforeEach(async () => {
  folder = await newFolder();
  path = join(folder, "mai.db");
});

afterEach(() => rm(folder, { recursive: true }));

async function lock(what: "write" | "everything"): Promise<Child> {
  const child = startChild("locker.ts", [path, what]);
  await child.printed(1);
  expect(child.lines).toEqual(["locked"]);
  return child;
}

test("while another process holds the file for two seconds writes wait, reads go on, and nothing fails", async () => {
  const store = openSqliteStore({ path, clock: systemClock });
  await store.submit(runOf("run-1"), [taskOf("a")]);
  const locker = await lock("write");
  const settled: string[] = [];
  const calls = ["b", "c"].map((id) =>
    store.submit(runOf("run-1"), [taskOf(id)]).then(() => settled.push(id)),
  );
  const reader = openSqliteStore({ path, clock: systemClock });
  await sleep(2_000);

  expect(settled).toEqual([]);
  expect((await reader.counts("run-1")).total).toBe(1);
  locker.say("let go");
  await Promise.all(calls);
  expect(settled).toEqual(["b", "c"]);
  expect((await reader.counts("run-1")).total).toBe(3);
  await locker.ended;
  await Promise.all([store.close(), reader.close()]);
});

test("a lock that is held past the limit rejects with store.busy, and the store goes on when it is free", async () => {
  const store = openSqliteStore({ path, clock: systemClock, busyLimitMs: 200 });
  await store.submit(runOf("run-1"), [taskOf("a")]);
  const locker = await lock("write");
  const startedAt = performance.now();
  const calls = await Promise.allSettled([
    store.submit(runOf("run-1"), [taskOf("b")]),
    store.cancel("run-1", "no longer wanted"),
  ]);

  for (const call of calls) {
    expect(call).toMatchObject({ status: "rejected", reason: { name: "MaiError", code: "store.busy" } });
  }
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  locker.say("let go");
  await locker.ended;
  await store.submit(runOf("run-1"), [taskOf("b")]);
  expect((await store.counts("run-1")).phases).toEqual({ ready: 2 });
  await store.close();
});

test("a file that another process keeps to itself cannot be opened, and says so", async () => {
  await openSqliteStore({ path, clock: systemClock }).close();
  const locker = await lock("everything");

  expect(() => openSqliteStore({ path, clock: systemClock, busyLimitMs: 100 })).toThrow(
    expect.objectContaining({ name: "MaiError", code: "store.busy" }),
  );
  locker.say("let go");
  await locker.ended;
  await openSqliteStore({ path, clock: systemClock }).close();
});
