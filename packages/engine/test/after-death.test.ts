import type { JournalEntry, Receipt } from "mai-orchestration-core";
import { noUsage } from "mai-orchestration-core";
import { VirtualClock } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { type Agent, type AgentContext, type AgentOutcome, memoryStore, type Store } from "../src/index.ts";
import { receiptOf, runId, taskOf, type World, type WorldOptions, wait, world } from "./support/world.ts";

const checked = { verify: [{ command: "x" }] };
const typesOf = (journal: readonly JournalEntry[], taskId: string): string[] =>
  journal.filter((entry) => entry.taskId === taskId).map(({ type }) => type);

interface Program extends Agent {
  /** Attempts that `run` was asked for, and that `adopt` was. */
  readonly asked: string[];
}

/** An agent whose first attempt never ends by itself, and of which `left` tells what a dead engine left. */
function program(
  clock: VirtualClock,
  left: (context: AgentContext) => Promise<AgentOutcome | null>,
): Program {
  const asked: string[] = [];
  return {
    agentId: "program",
    backend: "program",
    capabilities: ["test"],
    commands: true,
    prose: true,
    maxConcurrent: 4,
    maxAttemptsFor: () => 1,
    asked,
    run: async ({ task, attempt }, { signal }) => {
      asked.push(`run ${task.taskId}#${attempt}`);
      if (attempt === 1) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return said(`run ${attempt}`);
    },
    adopt: async ({ task, attempt }, context) => {
      asked.push(`adopt ${task.taskId}#${attempt}`);
      await wait(clock, 1);
      return left(context);
    },
  };
}

function said(output: string): AgentOutcome {
  return { type: "answered", output, usage: noUsage };
}

interface Heirs {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly first: World;
  readonly reaped: string[];
  heir(more?: WorldOptions): World;
}

/** An engine that will be called dead, and one that comes after it. */
function heirs(others: (clock: VirtualClock) => Agent, options: WorldOptions = {}): Heirs {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const reaped: string[] = [];
  const both = { clock, store, agents: [], others: [others(clock)], ...options };
  const custody = {
    isDead: ({ workerId }: { workerId: string }): boolean => workerId === "worker-1",
    reap: async (mark: string): Promise<void> => void reaped.push(mark),
  };
  const heir = (more: WorldOptions = {}): World => world({ ...both, workerId: "worker-2", custody, ...more });
  return { clock, store, first: world({ ...both, workerId: "worker-1" }), reaped, heir };
}

test("what a dead engine left running is followed to its end: one attempt, and no second run", async () => {
  const agents: Program[] = [];
  const { clock, first, heir, reaped } = heirs((clock) => {
    const agent = program(clock, async () => said("left"));
    agents.push(agent);
    return agent;
  });
  await first.submit([taskOf("t", checked)]);
  void first.start();
  await clock.runUntil(wait(clock, 10));

  const second = heir();
  expect(await second.drive()).toBe("ended");

  expect(agents[0]?.asked).toEqual(["run t#1", "adopt t#1"]);
  expect(reaped).toEqual([]);
  expect(await second.state("t")).toMatchObject({
    attempt: 1,
    losses: 1,
    answer: { output: "left" },
    end: { verdict: "verified" },
  });
  expect(typesOf(await second.journal(), "t")).toEqual([
    "task.queued",
    "task.ready",
    "attempt.started",
    "attempt.adopted",
    "attempt.answered",
    "check.passed",
    "task.succeeded",
  ]);
});

test("where nothing can be told the rest is ended before the next attempt, and the death counts once", async () => {
  const { clock, first, heir, reaped } = heirs((clock) => program(clock, async () => null));
  await first.submit([taskOf("t")]);
  void first.start();
  await clock.runUntil(wait(clock, 10));

  const second = heir();
  expect(await second.drive()).toBe("ended");

  expect(reaped).toEqual([`${runId}/t/1`]);
  expect(await second.state("t")).toMatchObject({ attempt: 2, losses: 1, answer: { output: "run 2" } });
});

test("an adopted attempt keeps its deadline", async () => {
  const untilStopped = ({ signal }: AgentContext): Promise<AgentOutcome> =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(said("stopped"))));
  const { clock, first, heir } = heirs((clock) => program(clock, untilStopped));
  await first.submit([taskOf("t", { timeout: 60_000 })]);
  void first.start();
  await clock.runUntil(wait(clock, 50_000));

  const second = heir();
  await second.drive();

  expect(await second.state("t")).toMatchObject({ attempt: 1, end: { at: 60_000, verdict: "failed" } });
});

test("what had answered repeats all of its checks and nothing else, after what is left of them is ended", async () => {
  const agents: Program[] = [];
  let checks = 0;
  const runCheck = async (check: { command: string }): Promise<Receipt> => {
    checks++;
    if (checks === 2) await new Promise(() => undefined);
    return receiptOf(check.command, true);
  };
  const { clock, first, heir, reaped } = heirs(
    (clock) => {
      const agent = program(clock, async () => said("left"));
      agents.push(agent);
      return { ...agent, run: async () => said("paid for") };
    },
    { runCheck },
  );
  await first.submit([taskOf("t", { verify: [{ command: "x" }, { command: "y" }] })]);
  void first.start();
  await clock.runUntil(wait(clock, 10));

  const second = heir();
  await second.drive();

  expect(agents[0]?.asked).toEqual([]);
  expect(reaped).toEqual([`${runId}/t/1`]);
  expect(checks).toBe(4);
  const task = await second.state("t");
  expect(task).toMatchObject({ attempt: 1, answer: { output: "paid for" }, end: { verdict: "verified" } });
  expect(task.receipts.map(({ command }) => command)).toEqual(["x", "y"]);
});

test("an engine elsewhere keeps what it holds for as long as it renews", async () => {
  const elsewhere = { canTell: () => false, isDead: () => false };
  const { clock, first, heir } = heirs((clock) => program(clock, async () => null));
  await first.submit([taskOf("t")]);
  const { done } = first.start();
  await clock.runUntil(wait(clock, 10));
  const second = heir({ custody: elsewhere });
  void second.start();
  await clock.runUntil(wait(clock, 300_000));
  expect(await second.state("t")).toMatchObject({ attempt: 1, phase: "running" });

  await clock.runUntil(first.engine.interrupt("Ctrl-C"));
  await clock.runUntil(done);
  expect(await second.state("t")).toMatchObject({ losses: 0 });
});

test("a worker elsewhere that is silent for a whole lease is presumed dead; its late word is refused", async () => {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const silent = { workerId: "worker-1", pid: 1, started: "1", host: "elsewhere" };
  const agent = program(clock, async () => null);
  const second = world({
    clock,
    store,
    agents: [],
    others: [agent],
    workerId: "worker-2",
    custody: { canTell: () => false },
  });
  await second.submit([taskOf("t")]);
  const offers = [{ ...agent, free: 1 }];
  const scopes = [{ runId, slots: 1 }];
  const [claim] = (await clock.runUntil(store.claim({ worker: silent, scopes, offers, idle: true }))).claims;
  if (claim === undefined) throw new Error("One was to start");

  const { done } = second.start();
  await clock.runUntil(wait(clock, 55_000));
  expect(await second.state("t")).toMatchObject({ attempt: 1, phase: "running" });
  expect(await clock.runUntil(done)).toBe("ended");

  expect(clock.now()).toBeGreaterThanOrEqual(60_000);
  expect(await second.state("t")).toMatchObject({ attempt: 2, losses: 1 });
  expect(await clock.runUntil(store.settle(claim, { type: "lost", reason: "late" }))).toMatchObject({
    ok: false,
  });
  expect((await second.journal()).at(-1)).toMatchObject({ type: "attempt.refused", attempt: 1 });
});

test("an engine that could not renew for two thirds of a lease stops what it runs", async () => {
  const clock = new VirtualClock();
  const inner = memoryStore(clock);
  let isStuck = false;
  const store: Store = {
    ...inner,
    renew: (...given) => (isStuck ? new Promise(() => undefined) : inner.renew(...given)),
  };
  let stoppedAt = Number.NaN;
  const agent = program(clock, async () => null);
  const one = world({
    clock,
    store,
    agents: [],
    others: [
      {
        ...agent,
        run: async (task, context) => {
          context.signal.addEventListener("abort", () => {
            if (task.attempt === 1) stoppedAt = clock.now();
          });
          return agent.run(task, context);
        },
      },
    ],
  });
  await one.submit([taskOf("t")]);
  const { done } = one.start();
  await clock.runUntil(wait(clock, 100_000));
  expect(stoppedAt).toBeNaN();

  isStuck = true;
  expect(await clock.runUntil(done)).toBe("ended");

  expect(stoppedAt).toBeGreaterThanOrEqual(140_000 - 5_000);
  expect(stoppedAt).toBeLessThan(160_000);
  expect(await one.state("t")).toMatchObject({ attempt: 2, losses: 0 });
});
