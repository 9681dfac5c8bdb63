import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addUsage, endsTask, evolve, isHeld, type TaskEvent, type Usage } from "../src/index.ts";
import { anyCommands, anyTask, type Life, play, submitted } from "./life.ts";

/** Holds a property against lives of all kinds. */
function holdsForAnyLife(property: (life: Life) => void): void {
  fc.assert(
    fc.property(anyTask, anyCommands, (task, commands) => property(play(task, commands))),
    { numRuns: 400 },
  );
}

describe("whatever is asked of a task", () => {
  test("it ends at most once, and nothing but refused attempts is journalled after", () => {
    holdsForAnyLife(({ journal }) => {
      const end = journal.findIndex(({ event }) => endsTask(event));
      const after = end === -1 ? [] : journal.slice(end + 1);
      expect(after.filter(({ event }) => event.type !== "attempt.refused")).toEqual([]);
    });
  });

  test("everything asked after its end is refused as ended", () => {
    holdsForAnyLife(({ steps }) => {
      for (const { before, command, decision } of steps) {
        if (before.phase !== "ended") continue;
        // What a person said may be said again, to no effect.
        if (command.type === "answer-approval" && decision.ok) expect(decision.events).toEqual([]);
        else expect(decision).toEqual({ ok: false, refusal: "ended" });
      }
    });
  });

  test("each attempt is claimed once, numbered from 1 without a gap", () => {
    holdsForAnyLife(({ journal }) => {
      const numbers = journal.flatMap(({ event }) =>
        event.type === "attempt.started" ? [event.attempt] : [],
      );
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    });
  });

  test("an attempt that is not the newest, or holds nothing any more, changes nothing", () => {
    holdsForAnyLife(({ steps }) => {
      for (const { before, command, decision, after } of steps) {
        if (!("attempt" in command) || command.type === "answer-approval") continue;
        if (command.attempt === before.attempt && isHeld(before)) continue;
        expect(decision.ok).toBe(false);
        expect(after).toEqual(before);
      }
    });
  });

  test("what a person is to decide goes on by an answer alone, which counts once", () => {
    holdsForAnyLife(({ task, steps, journal, end }) => {
      for (const { before, command, decision, after } of steps) {
        if (before.phase === "approval-wait" && after.phase !== "approval-wait")
          expect(["answer-approval", "cancel", "block"]).toContain(command.type);
        if (command.type === "answer-approval" && decision.ok && decision.events.length > 0)
          expect(before).toMatchObject({ phase: "approval-wait", workerId: null });
      }
      const stage = task.approval ?? null;
      const types = journal.map(({ event }) => event.type);
      const firstYes = types.indexOf("approval.given");
      if (stage === "before" && types.includes("attempt.started"))
        expect(firstYes).toBeLessThan(types.indexOf("attempt.started"));
      if (stage === "after" && types.includes("task.succeeded"))
        expect(types[types.indexOf("task.succeeded") - 1]).toBe("approval.given");
      if (stage === null) expect(end.approvals).toEqual([]);
    });
  });

  test("it says verified only when every check passed after the answer of that attempt, and none failed since it was last taken over", () => {
    holdsForAnyLife(({ task, journal }) => {
      const end = journal.find(({ event }) => event.type === "task.succeeded")?.event;
      if (end?.type !== "task.succeeded") return;
      const ofAttempt = journal
        .map(({ event }) => event)
        .filter((event) => "attempt" in event && event.attempt === end.attempt);
      const answered = ofAttempt.findIndex((event) => event.type === "attempt.answered");
      const adopted = ofAttempt.findLastIndex((event) => event.type === "attempt.adopted");
      const counted = ofAttempt.slice(Math.max(answered, adopted));
      const passed = counted.flatMap((event) =>
        event.type === "check.passed" ? [event.receipt.command] : [],
      );

      expect(answered).toBeGreaterThan(-1);
      expect(counted.some((event) => event.type === "check.failed")).toBe(false);
      expect(passed).toEqual(expect.arrayContaining((task.verify ?? []).map(({ command }) => command)));
      expect(end.verdict).toBe((task.verify ?? []).length > 0 ? "verified" : "unverified");
    });
  });

  test("its journal folds to the same state again and again, also after it was written as JSON", () => {
    holdsForAnyLife(({ task, journal, end }) => {
      const written = JSON.parse(JSON.stringify(journal)) as typeof journal;
      const fold = (entries: typeof journal) =>
        entries.reduce((state, { at, event }) => evolve(state, event, at), submitted(task));

      expect(fold(journal)).toEqual(end);
      expect(fold(journal)).toEqual(end);
      expect(fold(written)).toEqual(end);
    });
  });

  test("its counted failures never exceed its attempts", () => {
    holdsForAnyLife(({ task, journal, end }) => {
      const offered = journal.flatMap(({ event }) =>
        event.type === "attempt.started" ? [event.maxAttempts] : [],
      );
      const allowed = task.retry?.maxAttempts ?? Math.max(1, ...offered);
      const counted = journal.filter(({ event }) => event.type === "attempt.failed" && event.counted);

      expect(counted.length).toBeLessThanOrEqual(allowed);
      expect(end.failures).toBe(counted.length);
    });
  });

  test("it loses its engine at most once more than its budget, and that ends it", () => {
    holdsForAnyLife(({ task, journal, end }) => {
      const budget = task.retry?.maxLost ?? 3;
      expect(end.losses).toBeLessThanOrEqual(budget + 1);
      if (end.losses === budget + 1) expect(end.phase).toBe("ended");
      expect(journal.filter(({ event }) => event.type === "attempt.lost" && event.counted)).toHaveLength(
        end.losses,
      );
    });
  });

  test("once asked to cancel it can only end as cancelled, and only when its attempt is known to be over", () => {
    holdsForAnyLife(({ steps }) => {
      const proofs = ["confirm-cancel", "succeed", "fail", "lose", "interrupt"];
      for (const { before, command, after } of steps) {
        if (before.phase !== "cancelling") continue;
        expect(["cancelling", "ended"]).toContain(after.phase);
        if (after.phase === "ended") {
          expect(after.end?.verdict).toBe("cancelled");
          expect(proofs).toContain(command.type);
        }
      }
    });
  });

  test("an interruption counts in neither budget and leaves it ready", () => {
    holdsForAnyLife(({ steps }) => {
      for (const { before, command, decision, after } of steps) {
        if (command.type !== "interrupt" || !decision.ok) continue;
        expect([after.failures, after.losses]).toEqual([before.failures, before.losses]);
        expect(after.phase).toBe(before.phase === "cancelling" ? "ended" : "ready");
      }
    });
  });

  test("a quota or a missing login is never counted", () => {
    holdsForAnyLife(({ steps }) => {
      for (const { before, command, decision, after } of steps) {
        if (command.type !== "fail" || !decision.ok) continue;
        const counted = command.kind === "quota" || command.kind === "login" ? 0 : 1;
        expect(after.failures - before.failures).toBe(counted);
      }
    });
  });

  test("its place in the order is given once and never changes", () => {
    holdsForAnyLife(({ journal }) => {
      const days = journal.flatMap(({ event }) => (event.type === "task.ready" ? [event.serveDay] : []));
      expect(new Set(days).size).toBeLessThanOrEqual(1);
    });
  });

  test("it is never tried again before its wait is over", () => {
    holdsForAnyLife(({ journal }) => {
      let notBefore = 0;
      for (const { at, event } of journal) {
        if (event.type === "task.retried") {
          expect(event.notBefore).toBeGreaterThanOrEqual(at);
          notBefore = event.notBefore;
        }
        if (event.type === "attempt.started") expect(at).toBeGreaterThanOrEqual(notBefore);
      }
    });
  });

  test("its usage is what its attempts stated, each once", () => {
    holdsForAnyLife(({ journal, end }) => {
      const stated = new Map<number, Usage>();
      for (const { event } of journal) {
        const usage = usageIn(event);
        if (usage === null || !("attempt" in event)) continue;
        expect(stated.has(event.attempt)).toBe(false);
        stated.set(event.attempt, usage);
      }
      const usages = [...stated.values()];
      expect(end.usage).toEqual(usages.length === 0 ? null : usages.reduce(addUsage));
    });
  });
});

function usageIn(event: TaskEvent): Usage | null {
  if (event.type === "attempt.answered") return event.answer.usage;
  return event.type === "attempt.failed" && event.answer !== null ? event.answer.usage : null;
}

test("the lives that these properties are held against reach every end and every wait", () => {
  const seen = new Set<string>();
  for (const life of fc.sample(fc.tuple(anyTask, anyCommands), { numRuns: 1_000, seed: 1 })) {
    const { steps, end } = play(...life);
    for (const { after } of steps) seen.add(after.phase);
    if (end.end !== null) seen.add(end.end.verdict);
  }
  expect([...seen].sort()).toEqual(
    [
      "queued",
      "ready",
      "running",
      "verifying",
      "cancelling",
      "retry-wait",
      "quota-wait",
      "approval-wait",
      "ended",
    ]
      .concat(["verified", "unverified", "failed", "blocked", "cancelled"])
      .sort(),
  );
});
