/** The whole loop: a panel decides, the work is farmed out, the panel reviews it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "mai-orchestration-engine/store";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { expect, test } from "vitest";
import {
  createFarmTask,
  type FarmTask,
  Orchestrator,
  planFromCouncil,
  readCouncil,
  resumeCouncil,
  reviewResults,
  runCouncil,
  type Store,
} from "../../src/index.ts";
import { answer, panel } from "../support/panel.ts";
import { folder } from "../support/test-io.ts";

const approve = (...recommendations: string[]): string => answer({ position: "approve", recommendations });

test("a panel that agrees decides in one round, and says what is to be done by whom", async () => {
  const { agents, calls } = panel(() => approve("Write the migration", "Document the security model"));

  const { synthesis, actionItems, session, reviews, runId } = await runCouncil({
    topic: "Store sessions",
    agents,
  });

  expect(synthesis).toMatchObject({ consensusLevel: "unanimous", confidence: 0.95, hold: null });
  expect(actionItems).toEqual([
    { task: "Write the migration", owner: "Unassigned", priority: "high" },
    { task: "Document the security model", owner: "SecurityEngineer", priority: "high" },
  ]);
  expect(session.id).toBe(`council-${runId.slice(4)}-council`);
  expect(session.rounds).toHaveLength(1);
  expect(reviews).toEqual([]);
  expect(calls.sort()).toEqual([
    "council/round-1/productmanager#1",
    "council/round-1/securityengineer#1",
    "council/round-1/techlead#1",
  ]);
});

test("a second round sees what the first said, and can settle it", async () => {
  const contexts: string[][] = [];
  const { agents } = panel((task) => {
    if (task.taskId.includes("/round-1/techlead"))
      return answer({ position: "block", concerns: ["no backups"] });
    if (task.taskId.includes("/round-2/")) contexts.push(task.context);
    return approve("Add backups");
  });

  const { session, synthesis } = await runCouncil({
    topic: "Store sessions",
    agents,
    context: "we use SQLite",
  });

  expect(session.rounds.map(({ consensusReached }) => consensusReached)).toEqual([false, true]);
  expect(session.rounds[0]?.conflicts).toMatchObject([{ type: "direct", severity: "major" }]);
  expect(contexts).toHaveLength(3);
  expect(contexts[0]).toContain("we use SQLite");
  expect(contexts[0]?.join("\n")).toContain(
    "Round 1, TechLead (TechLead): block. because\nConcerns: no backups",
  );
  expect(synthesis.hold).toBeNull();
});

test("a veto holds the work after the last round and says so; nothing is carried out", async () => {
  const { agents, calls } = panel(({ taskId }) =>
    taskId.endsWith("/guard")
      ? answer({ position: "block", concerns: ["secrets in the log"] })
      : approve("Do it"),
  );
  const roster = [{ role: "TechLead" }, { role: "PM" }, { role: "Guard", vetoPower: true }];

  const { synthesis, actionItems } = await runCouncil({
    topic: "Log everything",
    agents,
    roster,
    maxRounds: 2,
    synthesisStrategy: "weighted",
    conflictThreshold: 1,
    execute: true,
  });

  expect(synthesis).toMatchObject({
    decision: "Held: Log everything",
    hold: "veto of Guard: secrets in the log",
  });
  expect(actionItems).toEqual([]);
  expect(calls).toHaveLength(6);
});

test("an answer that cannot be read is asked for once more, with what is wrong with it", async () => {
  const told: (string | undefined)[] = [];
  const { agents, calls } = panel((task, attempt) => {
    if (task.taskId.endsWith("techlead") && attempt === 1) return '{"position": "maybe", "content": "hm"}';
    return approve();
  });
  const store = openSqliteStore({ path: join(folder(), "mai.db"), clock: systemClock });

  const { session, runId } = await runCouncil({ topic: "t", agents, store });

  const journal = await store.journal(0, { runId });
  for (const entry of journal) if (entry.type === "attempt.failed") told.push(entry.feedback ?? undefined);
  await store.close();
  expect(calls).toContain("council/round-1/techlead#2");
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('`position` is "maybe", and must be approve, block, defer or neutral');
  expect(session.rounds[0]?.perspectives).toHaveLength(3);
});

test("a seat that never answers is absent: more than half must be heard, and every veto", async () => {
  const mute = (who: string) => panel(({ taskId }) => (taskId.endsWith(who) ? "no JSON" : approve("x")));
  const roster = [{ role: "A" }, { role: "B" }, { role: "C", vetoPower: true }];

  const withoutA = await runCouncil({ topic: "t", roster, agents: mute("/a").agents });
  const withoutC = await runCouncil({ topic: "t", roster, agents: mute("/c").agents });
  const without = await runCouncil({ topic: "t", roster, agents: panel(() => "nothing").agents });

  expect(withoutA.synthesis.hold).toBeNull();
  expect(withoutC.synthesis.hold).toBe("C has a veto and gave no perspective");
  expect(without.synthesis).toMatchObject({
    consensusLevel: "none",
    hold: "C has a veto and gave no perspective",
  });
});

test("work is done, reviewed with its receipts, and done again with the reasons of a block", async () => {
  const root = folder();
  const contexts: string[][] = [];
  const { agents, calls } = panel((task) => {
    const { taskId } = task;
    if (taskId.startsWith("council/round")) return approve("Write one", "Write two");
    if (taskId.includes("/review/")) {
      expect(task.context.join("\n")).toMatch(/Receipt: `true` passed \(exit code 0, output sha256:/);
      const bad = taskId === "council/item-1/try-1/review/techlead";
      return answer(bad ? { position: "block", concerns: ["no tests"] } : { position: "approve" });
    }
    contexts.push(task.context);
    expect(task).toMatchObject({
      type: "implementation",
      priority: "high",
      decision: expect.stringMatching(/^council-/),
    });
    return `did ${task.description}`;
  });

  const held = await runCouncil({
    topic: "Write",
    agents,
    root,
    store: ".mai/mai.db",
    execute: true,
    verify: [{ command: "true" }],
    outputDir: "sessions",
  });

  expect(held.reviews).toEqual([
    { task: "Write one", taskId: "council/item-1/try-2", verdict: "approve", reasons: [], tries: 2 },
    { task: "Write two", taskId: "council/item-2/try-1", verdict: "approve", reasons: [], tries: 1 },
  ]);
  expect(
    contexts.some((texts) => texts.includes("The panel blocked an earlier try. TechLead: no tests")),
  ).toBe(true);
  expect(new Set(calls).size).toBe(calls.length);
  expect(calls).toHaveLength(3 + 3 + 9);
  expect(readdirSync(join(root, "sessions")).sort()).toEqual([
    `${held.session.id}.json`,
    `${held.session.id}.md`,
  ]);
  const written = readFileSync(join(root, "sessions", `${held.session.id}.md`), "utf8");
  const back = readCouncil(written, "session.md");
  expect(planFromCouncil(back).tasks.map(({ description }) => description)).toEqual([
    "Write one",
    "Write two",
  ]);
  expect(existsSync(join(root, ".mai", "mai.db"))).toBe(true);
});

test("what stays blocked after the last try is on record, and so is what waits for a person", async () => {
  const { agents, calls } = panel(({ taskId }) => {
    if (taskId.startsWith("council/round")) return approve("One", "Two", "Three");
    if (taskId.includes("/review/") && taskId.includes("item-1"))
      return answer({ position: "block", concerns: ["bad"] });
    if (taskId.includes("/review/")) return answer({ position: "neutral", content: "cannot tell" });
    if (taskId.includes("item-3")) throw new Error("disk full");
    return "done";
  });

  const { reviews, runId } = await runCouncil({
    topic: "t",
    agents,
    roster: ["A"],
    execute: true,
    retries: 1,
  });

  expect(runId).toMatch(/^run-/);
  expect(reviews.map(({ verdict, tries }) => `${verdict} ${tries}`)).toEqual([
    "block 2",
    "defer 1",
    "block 2",
  ]);
  expect(reviews[1]?.reasons).toEqual(["0 of 1 approve", "A: cannot tell"]);
  expect(reviews[2]?.reasons).toEqual(["The engine: disk full"]);
  // Nobody is paid for reviewing what the engine saw fail.
  expect(calls.filter((call) => /item-3.*review/.test(call))).toEqual([]);
});

test("results of any batch can be reviewed, each with its own word", async () => {
  const { agents } = panel(({ taskId }) =>
    answer(taskId.startsWith("a/") ? { position: "approve" } : { position: "block", concerns: ["wrong"] }),
  );
  const result = { agentId: "x", status: "success" as const, output: "done" };

  const reviews = await reviewResults({
    agents,
    roster: ["A", "B"],
    results: [
      { ...result, taskId: "a" },
      { ...result, taskId: "b" },
      { ...result, taskId: "c", status: "failure", output: "broke" },
    ],
  });

  expect(reviews).toEqual([
    { taskId: "a", verdict: "approve", reasons: [] },
    { taskId: "b", verdict: "block", reasons: ["a: wrong", "b: wrong"] },
    { taskId: "c", verdict: "block", reasons: ["The engine: broke"] },
  ]);
});

test.each([
  [{ topic: " " }, "topic must be a text that is not empty"],
  [{ topic: "t", adapters: [] }, "adapters are not called here"],
  [{ topic: "t", rounds: 2 }, "rounds is not an option of a council"],
  [{ topic: "t", roster: ["A", "a!"] }, "roster has two seats of one name"],
  [{ topic: "t", maxRounds: 0 }, "maxRounds is no whole number from 1"],
])("%o is refused before anything starts", async (options, message) => {
  await expect(runCouncil(options as never)).rejects.toMatchObject({
    code: "council.invalid-option",
    message,
  });
});

test("a seat whose agent is not there is refused before anything is spent", async () => {
  const { agents, calls } = panel(() => approve());

  const held = runCouncil({ topic: "t", agents, roster: [{ role: "A", agent: "nobody" }] });

  await expect(held).rejects.toMatchObject({ code: "plan.no-agent" });
  expect(calls).toEqual([]);
});

test("two processes that drive one council ask nobody twice", async () => {
  const path = join(folder(), "mai.db");
  const stores = [1, 2].map(() => openSqliteStore({ path, clock: systemClock }));
  const [one, two] = stores as [Store, Store];
  let runId = "";
  let second: Promise<unknown> = Promise.resolve();
  const say = ({ taskId }: FarmTask): string => {
    if (taskId.startsWith("council/round-1") && taskId.endsWith("/a")) return answer({ position: "block" });
    return approve("One", "Two", "Three");
  };
  const other = panel(say);
  const { agents, calls } = panel(async (task) => {
    if (runId === "") {
      runId = (await one.runs())[0]?.runId ?? "";
      second = resumeCouncil({ runId, store: two, agents: other.agents });
    }
    return say(task);
  });

  const held = await runCouncil({ topic: "t", agents, roster: ["A", "B"], execute: true, store: one });
  await second;

  await Promise.all(stores.map((store) => store.close()));
  expect(held.reviews.map(({ verdict }) => verdict)).toEqual(["approve", "approve", "approve"]);
  const all = [...calls, ...other.calls];
  expect(all.sort()).toEqual([...new Set(all)].sort());
  expect(all).toHaveLength(4 + 3 + 6);
});

test("an orchestrator refuses a council and names who holds one", () => {
  const orchestrator = new Orchestrator();
  const task = { ...createFarmTask("research", "Whether", "decided"), council: {} };

  expect(() => orchestrator.queueTask(task)).toThrow(
    expect.objectContaining({ code: "task.invalid", message: expect.stringContaining("runCouncil()") }),
  );
});
