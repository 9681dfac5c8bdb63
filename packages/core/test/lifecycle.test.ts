import { describe, expect, test } from "vitest";
import { decide, demandOf, quotaWaitMs } from "../src/index.ts";
import { answerOf, claimOf, failureOf, leads, receiptOf, submitted, taskOf } from "./life.ts";

const release = { type: "release", open: 0 } as const;
const hourMs = 60 * 60_000;

describe("readiness", () => {
  test("a task with open dependencies stays queued, and the last one makes it ready", () => {
    const life = leads(taskOf());

    life.does(0, { type: "release", open: 1 });
    expect(life.state().phase).toBe("queued");

    life.does(0, release);
    expect(life.state().phase).toBe("ready");
  });

  test("a task that is not ready cannot be claimed, and one that was claimed cannot be claimed again", () => {
    expect(decide(submitted(taskOf()), claimOf(), 0)).toEqual({ ok: false, refusal: "not-ready" });

    const life = leads(taskOf());
    life.does(0, release, claimOf());

    expect(life.asks(0, claimOf())).toEqual({ ok: false, refusal: "not-ready" });
  });
});

describe("retries", () => {
  test("the delay starts at the backoff, doubles with each failure, and is at most an hour", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 4, backoff: hourMs / 2.5 } }));
    life.does(0, release);
    const delays: number[] = [];
    for (const attempt of [1, 2, 3]) {
      const now = attempt * 10 * hourMs;
      life.does(now, claimOf(), failureOf(attempt));
      const { notBefore } = life.state();
      delays.push((notBefore ?? 0) - now);
      life.does(notBefore ?? 0, { type: "wake" });
    }

    expect(delays).toEqual([hourMs / 2.5, (2 * hourMs) / 2.5, hourMs]);
  });

  test("a waiting task is not woken a millisecond before its time", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 2, backoff: 500 } }));
    life.does(1_000, release, claimOf(), failureOf(1));

    expect(life.asks(1_499, { type: "wake" })).toEqual({ ok: false, refusal: "not-due" });
    expect(life.asks(1_500, { type: "wake" }).ok).toBe(true);
  });

  test("the task's own number of attempts counts before its agent's", () => {
    const own = leads(taskOf({ retry: { maxAttempts: 1 } }));
    own.does(0, release, claimOf(2), failureOf(1));
    expect(own.state().end?.verdict).toBe("failed");

    const agents = leads(taskOf());
    agents.does(0, release, claimOf(2), failureOf(1));
    expect(agents.state().phase).toBe("retry-wait");
  });

  test("a permanent failure ends the task though attempts are left", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 5 } }));
    life.does(0, release, claimOf(), failureOf(1, { kind: "permanent", reason: "HTTP 400" }));

    expect(life.state().end).toMatchObject({ verdict: "failed", reason: "HTTP 400" });
  });

  test("the next attempt is told why the last one failed, and starts without its answer and receipts", () => {
    const life = leads(taskOf({ verify: [{ command: "A" }], retry: { maxAttempts: 2 } }));
    life.does(
      0,
      release,
      claimOf(),
      { type: "answer", attempt: 1, answer: answerOf({ sessionId: "s1" }) },
      { type: "check", attempt: 1, receipt: receiptOf("A", false) },
      failureOf(1, { kind: "check", feedback: "A exited 1" }),
    );
    life.does(life.state().notBefore ?? 0, { type: "wake" }, claimOf());

    expect(life.state()).toMatchObject({
      attempt: 2,
      feedback: "A exited 1",
      sessionId: "s1",
      answer: null,
      receipts: [],
    });
  });

  test("a backoff of 0 stays 0 however often it doubles", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 2_000, backoff: 0 } }));
    life.does(7, release);
    for (let attempt = 1; attempt <= 1_100; attempt++)
      life.does(7, claimOf(), failureOf(attempt), { type: "wake" });

    expect(life.state().phase).toBe("ready");
  });
});

describe("quota and login", () => {
  test("a task waits for its quota until the time the agent named, uncounted", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf(1), failureOf(1, { kind: "quota", retryAt: 9_000 }));

    expect(life.state()).toMatchObject({ phase: "quota-wait", notBefore: 9_000, failures: 0 });
  });

  test.each([null, 0, 999, 1_000, Number.NaN])(
    "a quota said to open at %s, which is no time to wait for, is probed after a quarter of an hour",
    (retryAt) => {
      const life = leads(taskOf());
      life.does(1_000, release, claimOf(), failureOf(1, { kind: "quota", retryAt }));

      expect(life.state().notBefore).toBe(1_000 + quotaWaitMs);
    },
  );

  test("a missing login ends the task without using up an attempt", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 3 } }));
    life.does(0, release, claimOf(), failureOf(1, { kind: "login", reason: "not logged in" }));

    expect(life.state()).toMatchObject({ failures: 0, end: { verdict: "failed", reason: "not logged in" } });
  });
});

describe("engines that die", () => {
  test("after the last permitted loss the task is tried once more, alone, and losing that one ends it", () => {
    const life = leads(taskOf({ retry: { maxLost: 2 } }));
    life.does(0, release);
    const alone: boolean[] = [];
    for (const attempt of [1, 2, 3]) {
      alone.push(demandOf(life.state().spec, life.state().losses).alone);
      life.does(0, claimOf(), { type: "lose", attempt, reason: "killed" });
    }

    expect(alone).toEqual([false, false, true]);
    expect(life.state().end).toMatchObject({
      verdict: "failed",
      reason: "its engine died during 3 attempts, the last of them alone: killed",
    });
  });

  test("a task that may lose nothing ends at its first loss, and does not claim to have been alone", () => {
    const life = leads(taskOf({ retry: { maxLost: 0 } }));
    life.does(0, release, claimOf(), { type: "lose", attempt: 1, reason: "killed" });

    expect(life.state().end?.reason).toBe("its engine died during its attempt: killed");
  });

  test("losses use up no attempts and failures no losses", () => {
    const life = leads(taskOf({ retry: { maxAttempts: 2, maxLost: 1 } }));
    life.does(0, release, claimOf(), { type: "lose", attempt: 1, reason: "killed" });
    life.does(0, claimOf(), failureOf(2));

    expect(life.state()).toMatchObject({ phase: "retry-wait", failures: 1, losses: 1 });
  });
});

describe("interruption and cancellation", () => {
  test("a person's Ctrl-C, however often, uses up nothing", () => {
    const life = leads(taskOf({ retry: { maxLost: 0 } }));
    life.does(0, release);
    for (let attempt = 1; attempt <= 9; attempt++) {
      life.does(0, claimOf(1), { type: "interrupt", attempt, reason: "Ctrl-C" });
    }

    expect(life.state()).toMatchObject({ phase: "ready", attempt: 9, failures: 0, losses: 0 });
  });

  test("a running task is only asked to stop, and is cancelled when its death is proven", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf(), { type: "cancel", reason: "no longer wanted" });
    expect(life.state()).toMatchObject({ phase: "cancelling", end: null });
    expect(life.asks(0, { type: "cancel", reason: "again" })).toEqual({
      ok: false,
      refusal: "already-cancelling",
    });

    life.does(5, { type: "confirm-cancel", attempt: 1 });
    expect(life.state().end).toEqual({ verdict: "cancelled", reason: "no longer wanted", at: 5 });
  });

  test("a task that was not cancelled cannot be confirmed as cancelled", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf());

    expect(life.asks(0, { type: "confirm-cancel", attempt: 1 })).toEqual({
      ok: false,
      refusal: "not-cancelling",
    });
  });

  test.each([
    { type: "succeed", attempt: 1 } as const,
    failureOf(1, { kind: "task" }),
    { type: "lose", attempt: 1, reason: "killed" } as const,
    { type: "interrupt", attempt: 1, reason: "Ctrl-C" } as const,
  ])("an attempt that was asked to stop ends as cancelled also by $type", (command) => {
    const life = leads(taskOf({ retry: { maxAttempts: 5 } }));
    life.does(0, release, claimOf(), { type: "answer", attempt: 1, answer: answerOf() });
    life.does(0, { type: "cancel", reason: "no longer wanted" }, command);

    expect(life.state().end?.verdict).toBe("cancelled");
  });

  test.each(["queued", "ready", "retry-wait", "quota-wait"])("a task in %s is cancelled at once", (phase) => {
    const life = leads(taskOf({ retry: { maxAttempts: 2 } }));
    if (phase !== "queued") life.does(0, release);
    if (phase === "retry-wait") life.does(0, claimOf(), failureOf(1));
    if (phase === "quota-wait") life.does(0, claimOf(), failureOf(1, { kind: "quota" }));
    expect(life.state().phase).toBe(phase);

    life.does(0, { type: "cancel", reason: "no longer wanted" });
    expect(life.state().end?.verdict).toBe("cancelled");
  });
});

describe("proof", () => {
  test("an attempt that never answered cannot succeed", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf());

    expect(life.asks(0, { type: "succeed", attempt: 1 })).toEqual({ ok: false, refusal: "unproven" });
  });

  test("a check that ran before the agent was done proves nothing", () => {
    const life = leads(taskOf({ verify: [{ command: "A" }] }));
    life.does(0, release, claimOf());

    const early = life.asks(0, { type: "check", attempt: 1, receipt: receiptOf("A", true) });
    expect(early).toEqual({ ok: false, refusal: "unproven" });
  });

  test("one check that passed twice does not stand for another that never ran", () => {
    const life = leads(taskOf({ verify: [{ command: "A" }, { command: "B" }] }));
    const passed = (command: string) =>
      ({ type: "check", attempt: 1, receipt: receiptOf(command, true) }) as const;
    life.does(
      0,
      release,
      claimOf(),
      { type: "answer", attempt: 1, answer: answerOf() },
      passed("A"),
      passed("A"),
    );
    expect(life.asks(0, { type: "succeed", attempt: 1 })).toEqual({ ok: false, refusal: "unproven" });

    life.does(0, passed("B"), { type: "succeed", attempt: 1 });
    expect(life.state().end?.verdict).toBe("verified");
  });

  test("checks that were repeated after the engine died still prove", () => {
    const life = leads(taskOf({ verify: [{ command: "A" }] }));
    const check = { type: "check", attempt: 1, receipt: receiptOf("A", true) } as const;
    life.does(0, release, claimOf(), { type: "answer", attempt: 1, answer: answerOf() }, check, check);
    life.does(0, { type: "succeed", attempt: 1 });

    expect(life.state().end?.verdict).toBe("verified");
  });

  test("an attempt answers once, so that its usage is not counted twice", () => {
    const usage = { inputTokens: 5, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 1 };
    const answer = answerOf({ usage });
    const life = leads(taskOf());
    life.does(0, release, claimOf(), { type: "answer", attempt: 1, answer });
    expect(life.asks(0, { type: "answer", attempt: 1, answer })).toEqual({
      ok: false,
      refusal: "already-answered",
    });

    life.does(0, failureOf(1, { kind: "check", answer }));
    expect(life.state().usage).toEqual(usage);
  });
});

test("what is known of session, progress and feedback is not forgotten when a later event says nothing of it", () => {
  const report = (progress: number | null, sessionId: string | null) =>
    ({ type: "progress", attempt: 1, progress, message: null, sessionId }) as const;
  const life = leads(taskOf({ retry: { maxAttempts: 3, backoff: 0 } }));
  life.does(0, release, claimOf(), report(40, "s1"), report(null, null));
  life.does(0, { type: "answer", attempt: 1, answer: answerOf({ sessionId: null }) });
  expect(life.state()).toMatchObject({ progress: 40, sessionId: "s1" });

  life.does(0, failureOf(1, { feedback: "A exited 1" }), { type: "wake" }, claimOf(), failureOf(2));
  expect(life.state()).toMatchObject({ feedback: "A exited 1", sessionId: "s1" });
});

test("a person can have tried again what ended without success, and nothing else", () => {
  const reopen = { type: "reopen", reason: "once more" } as const;
  const good = leads(taskOf());
  good.does(0, release, claimOf());
  expect(good.asks(0, reopen)).toEqual({ ok: false, refusal: "not-ended" });
  good.does(0, { type: "answer", attempt: 1, answer: answerOf() }, { type: "succeed", attempt: 1 });
  expect(good.asks(0, reopen)).toEqual({ ok: false, refusal: "succeeded" });

  const bad = leads(taskOf());
  bad.does(0, release, claimOf(), failureOf(1));
  bad.does(0, reopen, release, claimOf());
  expect(bad.state()).toMatchObject({ phase: "running", attempt: 2, failures: 0, end: null });
});
