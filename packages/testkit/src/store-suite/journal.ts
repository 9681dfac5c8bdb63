/** The journal, what runs say of themselves, and reading back. */
import { expect } from "vitest";
import { failureOf, first, idsOf, readJournal, runOf, type Sentence, taskOf } from "./scene.ts";

export function describeJournal(sentence: Sentence): void {
  sentence("pages join without a gap, whatever their size", async ({ store, submit, claim, succeed }) => {
    await submit(Array.from({ length: 20 }, (_, index) => taskOf(`t${index}`)));
    await submit([taskOf("a")], { runId: "run-2" });
    for (const one of await claim()) await succeed(one);
    const whole = await readJournal(store);

    for (const limit of [1, 7, 1_000]) expect(await readJournal(store, undefined, limit)).toEqual(whole);
    expect(await store.journal(0, { limit: 3 })).toEqual(whole.slice(0, 3));
    expect(await store.journal(whole.at(-1)?.seq ?? 0)).toEqual([]);
  });

  sentence("one run's journal is the whole one without the others", async ({ store, submit, claim }) => {
    await submit([taskOf("a")]);
    await submit([taskOf("a")], { runId: "run-2" });
    await submit([taskOf("b")]);
    await claim();
    const whole = await readJournal(store);

    for (const runId of ["run-1", "run-2"]) {
      const own = whole.filter((entry) => entry.runId === runId);
      expect(await readJournal(store, runId)).toEqual(own);
      expect(await readJournal(store, runId, 1)).toEqual(own);
    }
    expect(await readJournal(store, "unknown")).toEqual([]);
  });

  sentence("starts with run.created and tells the life of a task in order", async (scene) => {
    const { submit, claim, succeed, journal, clock } = scene;
    await submit([taskOf("a", { estimate: 5 })], { name: "nightly" });
    await succeed(first(await claim()));

    const at = clock.now();
    expect((await journal()).map(({ seq: _, ...entry }) => entry)).toMatchObject([
      { type: "run.created", runId: "run-1", name: "nightly", root: "/project", at },
      { type: "task.queued", runId: "run-1", taskId: "a", task: taskOf("a", { estimate: 5 }), behindMs: 5 },
      { type: "task.ready", taskId: "a" },
      { type: "attempt.started", attempt: 1, agentId: "agent", workerId: "worker-1", maxAttempts: 1 },
      { type: "attempt.answered", attempt: 1 },
      { type: "task.succeeded", attempt: 1, verdict: "unverified" },
    ]);
    expect((await journal())[0]).not.toHaveProperty("taskId");
  });

  sentence("tells the time of each entry by the store's clock", async ({ submit, claim, clock, journal }) => {
    await submit([taskOf("a")]);
    const submittedAt = clock.now();
    clock.pass(1_234);
    await claim();

    expect((await journal()).map((entry) => entry.at - submittedAt)).toEqual([0, 0, 0, 1_234]);
  });

  describeNotes(sentence);
}

function describeNotes(sentence: Sentence): void {
  sentence("note closes a run, once, and opens it again", async ({ store, submit, clock, journal }) => {
    await submit([taskOf("a")]);
    clock.pass(10);
    await store.note("run-1", { type: "run.finished", verdict: "failed", results: [] });
    const finishedAt = clock.now();
    clock.pass(10);
    await store.note("run-1", { type: "run.finished", verdict: "verified", results: [] });
    expect(await store.run("run-1")).toMatchObject({ finishedAt, verdict: "failed" });
    expect((await journal()).filter((entry) => entry.type === "run.finished")).toHaveLength(1);

    await store.note("run-1", { type: "run.resumed", reused: 0, open: 1 });
    expect(await store.run("run-1")).toMatchObject({ finishedAt: null, verdict: null });
    await store.note("run-1", { type: "run.interrupted", reason: "SIGINT", resume: "mai resume" });
    expect(await store.run("run-1")).toMatchObject({ interruptedAt: clock.now(), finishedAt: null });
    await store.note("run-1", { type: "run.finished", verdict: "verified", results: [] });
    expect(await store.run("run-1")).toMatchObject({ interruptedAt: null, verdict: "verified" });
    expect((await journal()).at(-1)).toMatchObject({
      type: "run.finished",
      runId: "run-1",
      verdict: "verified",
    });
  });

  sentence("note of an unknown run is refused", async ({ store, journal }) => {
    const note = store.note("unknown", { type: "run.resumed", reused: 0, open: 0 });

    await expect(note).rejects.toMatchObject({ name: "MaiError", code: "run.not-found" });
    expect(await journal()).toEqual([]);
  });
}

export function describeReads(sentence: Sentence): void {
  sentence("tasks are found by id, phase and place, in the order of submission", async (scene) => {
    const { store, submit, claim, succeed } = scene;
    await submit(["a", "b", "c", "d"].map((id) => taskOf(id)));
    const [a] = await claim({ slots: 2 });
    if (a !== undefined) await succeed(a);
    const find = async (filter: Omit<Parameters<typeof store.tasks>[0], "runId">): Promise<string[]> =>
      (await store.tasks({ runId: "run-1", ...filter })).map((task) => task.spec.taskId);
    const sequence = (await store.tasks({ runId: "run-1", taskIds: ["b"] }))[0]?.sequence ?? 0;

    expect(await find({})).toEqual(["a", "b", "c", "d"]);
    expect(await find({ taskIds: ["d", "a", "d", "unknown"] })).toEqual(["a", "d"]);
    expect(await find({ taskIds: ["d", "a", "c"], limit: 2 })).toEqual(["a", "c"]);
    expect(await find({ taskIds: [] })).toEqual([]);
    expect(await find({ phases: ["ready", "running"] })).toEqual(["b", "c", "d"]);
    expect(await find({ phases: [] })).toEqual([]);
    expect(await find({ afterSequence: sequence })).toEqual(["c", "d"]);
    expect(await find({ afterSequence: sequence, phases: ["ready"], limit: 1 })).toEqual(["c"]);
    expect(await find({ limit: 0 })).toEqual([]);
    expect(await store.tasks({ runId: "unknown" })).toEqual([]);
  });

  sentence("counts say how many tasks stand where, and when the next wakes", async (scene) => {
    const { store, submit, claim, clock } = scene;
    await submit([
      taskOf("a"),
      taskOf("b", { retry: { maxAttempts: 2, backoff: 500 } }),
      taskOf("c"),
      taskOf("d", { dependsOn: ["c"] }),
      taskOf("e"),
    ]);
    const claims = await claim({ slots: 3 });
    expect(idsOf(claims)).toEqual(["c", "a", "b"]);
    const [c, a, b] = claims;
    if (a === undefined || b === undefined || c === undefined) throw new Error("Three were to start");
    await store.settle(b, failureOf());
    await store.settle(a, failureOf({ kind: "permanent" }));

    expect(await store.counts("run-1")).toEqual({
      total: 5,
      phases: { ended: 1, "retry-wait": 1, running: 1, queued: 1, ready: 1 },
      verdicts: { failed: 1 },
      nextWakeAt: clock.now() + 500,
    });
    expect(await store.counts("unknown")).toEqual({ total: 0, phases: {}, verdicts: {}, nextWakeAt: null });
  });

  sentence("runs are told newest first", async ({ store, submit }) => {
    for (const runId of ["run-b", "run-c", "run-a"]) await submit([taskOf("a")], { runId });

    const runs = await store.runs();
    expect(runs.map((run) => run.runId)).toEqual(["run-a", "run-c", "run-b"]);
    expect(runs[0]).toEqual(await store.run("run-a"));
    expect(await store.run("unknown")).toBeUndefined();
    const starts = await Promise.all(runs.map(async (run) => (await readJournal(store, run.runId))[0]?.seq));
    expect(runs.map((run) => run.firstSeq)).toEqual(starts);
  });

  describeReopen(sentence);
}

function describeReopen(sentence: Sentence): void {
  sentence("what is acknowledged is there for whoever opens the store next", async (scene) => {
    const { store, submit, claim, succeed, reopen } = scene;
    if (reopen === undefined) return;
    await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"] })]);
    await succeed(first(await claim()));
    const journal = await readJournal(store);
    const tasks = await store.tasks({ runId: "run-1" });
    await store.close();

    const again = await reopen();
    expect(await readJournal(again)).toEqual(journal);
    expect(await again.tasks({ runId: "run-1" })).toEqual(tasks);
    await again.submit(runOf({ runId: "run-2" }), [taskOf("c")]);
    expect((await readJournal(again, "run-2"))[0]?.seq).toBe((journal.at(-1)?.seq ?? 0) + 1);
    await again.close();
  });
}
