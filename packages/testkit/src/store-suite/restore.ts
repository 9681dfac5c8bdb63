/** Moving a run from store to store, and removing old ones. */
import type { JournalEntry } from "mai-orchestration-core";
import { memoryStore, type RunRecord } from "mai-orchestration-engine";
import { expect } from "vitest";
import { canonicalJournal } from "../checkers.ts";
import {
  answerOf,
  expectLawful,
  failureOf,
  first,
  idsOf,
  offerOf,
  readJournal,
  requestOf,
  runOf,
  type Scene,
  type Sentence,
  taskOf,
} from "./scene.ts";

interface Exported {
  readonly run: RunRecord;
  readonly journal: JournalEntry[];
}

/** A run in another store with a task in every kind of place. */
async function elsewhere({ clock }: Scene): Promise<Exported> {
  const store = memoryStore(clock);
  await store.submit(runOf({ runId: "run-1", name: "moved", parallel: 5 }), [
    taskOf("done", { verify: [{ command: "true" }].slice(1) }),
    taskOf("after-done", { dependsOn: ["done"] }),
    taskOf("waits", { retry: { maxAttempts: 3, backoff: 5_000 } }),
    taskOf("lost-once", { locks: ["x"] }),
    taskOf("runs", { locks: ["y"] }),
    taskOf("stopping"),
    taskOf("behind", { dependsOn: ["runs", "done"] }),
  ]);
  const { claims } = await store.claim(requestOf());
  const byId = new Map(claims.map((claim) => [claim.taskId, claim]));
  const get = (id: string): ReturnType<typeof first> => first([byId.get(id)].flatMap((claim) => claim ?? []));
  await store.settle(get("done"), { type: "succeeded", answer: answerOf({ output: "\ud83d cut" }) });
  await store.settle(get("waits"), failureOf({ feedback: "harder", answer: answerOf({ sessionId: "s1" }) }));
  await store.settle(get("lost-once"), { type: "lost", reason: "its engine died" });
  await store.cancel("run-1", "no longer wanted", ["stopping"]);
  const [run] = await store.runs();
  if (run === undefined) throw new Error("The run is in its store");
  // As a state travels: through JSON.
  return JSON.parse(JSON.stringify({ run, journal: await readJournal(store) })) as Exported;
}

export function describeRestore(sentence: Sentence): void {
  sentence("a run stands as it stood, and what ran then is ready again, uncounted", async (scene) => {
    const { store, standing, state, submit, clock } = scene;
    const { run, journal } = await elsewhere(scene);
    await submit([taskOf("other")], { runId: "run-0" });
    clock.pass(1_000);
    await store.restore(run, journal);

    expect(await standing()).toEqual({
      done: "unverified",
      "after-done": "ready",
      waits: "retry-wait",
      "lost-once": "ready",
      runs: "ready",
      stopping: "cancelled",
      behind: "queued",
    });
    expect(await state("runs")).toMatchObject({ attempt: 1, losses: 0, failures: 0, workerId: null });
    expect(await state("lost-once")).toMatchObject({ attempt: 1, losses: 1 });
    expect(await state("waits")).toMatchObject({
      attempt: 1,
      failures: 1,
      feedback: "harder",
      sessionId: "s1",
    });
    expect(await store.run("run-1")).toMatchObject({ name: "moved", parallel: 5, createdAt: run.createdAt });
    const restored = await readJournal(store, "run-1");
    expect(canonicalJournal(restored.slice(0, journal.length))).toEqual(canonicalJournal(journal));
    expect((await store.run("run-1"))?.firstSeq).toBe(restored[0]?.seq);
    expect(await store.held("run-1")).toEqual([]);
  });

  sentence("a restored run goes on: caps, locks, waits and dependencies hold", async (scene) => {
    const { store, claim, succeed, standing, clock } = scene;
    const { run, journal } = await elsewhere(scene);
    await store.restore(run, journal);
    const offers = [offerOf({ maxConcurrent: 2, free: 9 })];

    expect(await claim({ offers })).toHaveLength(2);
    expect(await claim({ offers })).toHaveLength(0);
    for (const { claim: one } of await store.held("run-1")) await succeed(one);
    clock.pass(5_000);
    for (let more = await claim(); more.length > 0; more = await claim()) {
      for (const one of more) expect((await succeed(one)).ok).toBe(true);
    }
    expect(await standing()).toMatchObject({ waits: "unverified", runs: "unverified", behind: "unverified" });
  });

  sentence("a finished run stays finished", async (scene) => {
    const { store } = scene;
    const other = memoryStore(scene.clock);
    await other.submit(runOf(), [taskOf("a")]);
    await other.settle(first((await other.claim(requestOf())).claims), {
      type: "succeeded",
      answer: answerOf(),
    });
    await other.note("run-1", { type: "run.finished", verdict: "unverified", results: [] });
    const [run] = await other.runs();
    if (run === undefined) throw new Error("The run is in its store");
    await store.restore(run, await readJournal(other));

    expect(await store.run("run-1")).toEqual(run);
    expect(await store.tasks({ runId: "run-1" })).toEqual(await other.tasks({ runId: "run-1" }));
  });

  describeRestoreRefusals(sentence);
}

function describeRestoreRefusals(sentence: Sentence): void {
  sentence("a run that the store has is refused", async (scene) => {
    const { run, journal } = await elsewhere(scene);
    await scene.submit([taskOf("a")]);
    const before = await scene.journal();

    await expect(scene.store.restore(run, journal)).rejects.toMatchObject({ code: "task.conflict" });
    expect(await scene.journal()).toEqual(before);
  });

  const broken: readonly (readonly [string, (journal: JournalEntry[]) => unknown[]])[] = [
    ["that lacks an entry", (journal) => journal.filter((entry) => entry.type !== "attempt.started")],
    ["that lacks a task", (journal) => journal.filter((entry) => entry.taskId !== "runs")],
    [
      "that goes on after an end",
      (journal) => [...journal, ...journal.filter((one) => one.taskId === "done").slice(-2)],
    ],
    [
      "that queues a task twice",
      (journal) => [...journal, ...journal.filter((one) => one.type === "task.queued")],
    ],
    ["of another run", (journal) => journal.map((entry) => ({ ...entry, runId: "run-9" }))],
    ["with an entry that is none", (journal) => [...journal, null]],
    [
      "with an entry of an unknown type",
      (journal) => [...journal, { ...journal.at(-1), type: "task.vanished" }],
    ],
    ["with a task that is none", (journal) => journal.map((entry) => ({ ...entry, task: undefined }))],
  ];
  for (const [what, damage] of broken) {
    sentence(`a journal ${what} is refused and changes nothing`, async (scene) => {
      const { run, journal } = await elsewhere(scene);
      const damaged = damage(journal) as JournalEntry[];

      await expect(scene.store.restore(run, damaged)).rejects.toMatchObject({ code: "state.invalid" });
      expect(await scene.store.runs()).toEqual([]);
      expect(await scene.journal()).toEqual([]);
      await scene.store.restore(run, journal);
      await expectLawful(scene.store);
    });
  }
}

/** A run that has finished. */
async function finish({ store, submit }: Scene, runId: string): Promise<void> {
  await submit([taskOf("a"), taskOf("b", { dependsOn: ["a"] })], { runId });
  await store.cancel(runId, "no longer wanted");
  await store.note(runId, { type: "run.finished", verdict: "cancelled", results: [] });
}

export function describePrune(sentence: Sentence): void {
  sentence("removes runs that finished before, with all they left, and no others", async (scene) => {
    const { store, submit, clock, claim } = scene;
    await finish(scene, "run-old");
    await submit([taskOf("a")], { runId: "run-open" });
    clock.pass(1_000);
    await finish(scene, "run-new");
    const before = await readJournal(store);

    expect(await store.prune(clock.now())).toEqual(["run-old"]);
    expect((await store.runs()).map((run) => run.runId)).toEqual(["run-new", "run-open"]);
    expect(await readJournal(store)).toEqual(before.filter((entry) => entry.runId !== "run-old"));
    expect(await store.tasks({ runId: "run-old" })).toEqual([]);
    expect(await store.run("run-old")).toBeUndefined();
    expect(await store.prune(clock.now())).toEqual([]);
    expect(
      idsOf(await claim({ scopes: ["run-old", "run-open"].map((runId) => ({ runId, slots: 9 })) })),
    ).toEqual(["a"]);
  });

  sentence("numbers of entries and tasks are never given twice", async (scene) => {
    const { store, clock, submit } = scene;
    let lastSeq = 0;
    let lastSequence = 0;
    for (let round = 0; round < 3; round++) {
      await finish(scene, "run-1");
      const journal = await readJournal(store);
      const tasks = await store.tasks({ runId: "run-1" });
      expect(journal[0]?.seq).toBeGreaterThan(lastSeq);
      expect(tasks[0]?.sequence).toBeGreaterThan(lastSequence);
      lastSeq = journal.at(-1)?.seq ?? 0;
      lastSequence = tasks.at(-1)?.sequence ?? 0;
      clock.pass(1_000);
      expect(await store.prune(clock.now())).toEqual(["run-1"]);
    }
    await submit([taskOf("a")], { runId: "run-2" });
    expect(await store.journal(lastSeq)).toHaveLength(3);
  });

  sentence("what a pruned run held is free again", async (scene) => {
    const { store, submit, claim, clock } = scene;
    const offers = [offerOf({ maxConcurrent: 1, free: 9 })];
    await submit([taskOf("a", { locks: ["x"] })]);
    await claim({ offers });
    await store.note("run-1", { type: "run.finished", verdict: "failed", results: [] });
    clock.pass(1);
    await store.prune(clock.now());
    await submit([taskOf("a", { locks: ["x"] }), taskOf("b")], { runId: "run-2" });

    expect(idsOf(await claim({ offers, scopes: [{ runId: "run-2", slots: 9 }] }))).toEqual(["a"]);
  });

  describeAfterPrune(sentence);
}

function describeAfterPrune(sentence: Sentence): void {
  sentence(
    "a run that was pruned through another handle can be opened again through this one",
    async (scene) => {
      if (scene.reopen === undefined) return;
      const { store, clock, submit, state, claim, succeed } = scene;
      await finish(scene, "run-1");
      const other = await scene.reopen();
      clock.pass(1_000);
      expect(await other.prune(clock.now())).toEqual(["run-1"]);
      await other.submit(runOf({ runId: "run-2" }), [taskOf("a")]);
      await other.close();

      await submit([taskOf("a", { description: "afresh" })]);
      await succeed(first(await claim()));
      expect((await state("a")).spec.description).toBe("afresh");
      expect((await state("a", "run-2")).phase).toBe("ready");
      expect(await readJournal(store, "run-2")).toHaveLength(3);
    },
  );
}
