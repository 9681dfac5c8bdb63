import { rm } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../src/index.ts";
import { startChild } from "./support/child.ts";
import { newFolder } from "./support/folder.ts";
import { readJournal, requestOf, runOf, taskOf } from "./support/scene.ts";

let folder = "";
let path = "";

beforeEach(async () => {
  folder = await newFolder();
  path = join(folder, "mai.db");
});

afterEach(() => rm(folder, { recursive: true }));

test("two processes that share a file start every task once and never pass the cap", async () => {
  const store = openSqliteStore({ path, clock: systemClock, durability: "normal" });
  const ids = Array.from({ length: 120 }, (_, index) => `t${index}`);
  await store.submit(
    runOf("run-1"),
    ids.map((id, index) => taskOf(id, index % 4 === 3 ? { dependsOn: [`t${index - 1}`] } : {})),
  );
  const children = ["left", "right"].map((name) => startChild("claimer.ts", [path, "run-1", name]));
  await Promise.all(children.map((child) => child.printed(1)));
  for (const child of children) child.say("go");
  expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0]);

  const journal = await readJournal(store);
  const starts = journal.filter((entry) => entry.type === "attempt.started");
  expect(starts.map((entry) => entry.taskId).sort()).toEqual([...ids].sort());
  expect(new Set(starts.map((entry) => entry.workerId))).toEqual(new Set(["left", "right"]));
  expect(checkJournal(journal, new Map([["agent", 3]]))).toEqual([]);
  expect(checkFold(journal, "run-1", await store.tasks({ runId: "run-1" }))).toEqual([]);
  expect((await store.counts("run-1")).verdicts).toEqual({ unverified: ids.length });
  await store.close();
});

test("what another process cancels is seen as a foreign change and at the next renewal", async () => {
  const store = openSqliteStore({ path, clock: systemClock });
  await store.submit(runOf("run-1"), [taskOf("a"), taskOf("b")]);
  const request = requestOf("run-1", 1);
  const { claims } = await store.claim(request);
  const foreign = new Promise<void>((resolve) => {
    store.onChange((isForeign) => {
      if (isForeign) resolve();
    });
  });
  expect(await store.renew(request.worker, claims)).toEqual({ lost: [], cancelled: [] });

  const child = startChild("canceller.ts", [path, "run-1"]);
  expect(await child.ended).toBe(0);
  expect(child.lines).toEqual(["asked 1, ended 1"]);
  await foreign;
  expect(await store.renew(request.worker, claims)).toEqual({ lost: [], cancelled: claims });
  await store.close();
});

test("whatever was acknowledged before a process was killed is in the file, ten times over", async () => {
  for (let round = 1; round <= 10; round++) {
    const runId = `run-${round}`;
    const child = startChild("writer.ts", [path, runId]);
    // Any moment will do; the more it has said, the more can be lost.
    await child.printed(1 + Math.floor(Math.random() * 60));
    child.kill();
    expect(await child.ended).toBeNull();

    const store = openSqliteStore({ path, clock: systemClock });
    const tasks = new Map((await store.tasks({ runId })).map((task) => [task.spec.taskId, task]));
    for (const line of child.lines) {
      const [what = "", id = ""] = line.split(" ");
      expect(tasks.has(id), line).toBe(true);
      if (what === "started") expect(tasks.get(id)?.attempt, line).toBe(1);
      if (what === "ended") expect(tasks.get(id)?.end?.verdict, line).toBe("unverified");
    }
    const journal = await readJournal(store);
    expect(checkJournal(journal)).toEqual([]);
    for (const run of await store.runs()) {
      expect(checkFold(journal, run.runId, await store.tasks({ runId: run.runId }))).toEqual([]);
    }
    // What the dead one held is there to be found.
    for (const { claim } of await store.held(runId)) {
      expect((await store.settle(claim, { type: "lost", reason: "its engine died" })).ok).toBe(true);
    }
    await store.close();
  }
});

test("four processes that make the same new file at once all succeed", async () => {
  const children = ["a", "b", "c", "d"].map((name) => startChild("opener.ts", [path, `run-${name}`]));
  await Promise.all(children.map((child) => child.printed(1)));
  for (const child of children) child.say("go");
  await Promise.all(children.map((child) => child.ended));

  expect(children.map((child) => child.lines.at(-1))).toEqual(Array(4).fill("done"));
  const store = openSqliteStore({ path, clock: systemClock });
  expect((await store.runs()).map((run) => run.runId).sort()).toEqual(["run-a", "run-b", "run-c", "run-d"]);
  expect(checkJournal(await readJournal(store))).toEqual([]);
  await store.close();
});
