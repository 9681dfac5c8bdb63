import fc from "fast-check";
import { VirtualClock } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { SignsOfLife } from "../src/loop/signs-of-life.ts";
import type { Pulse, Vitals } from "../src/ports/vitals.ts";
import { taskOf, world } from "./support/world.ts";

const idleMs = 1_000;

interface Attempt {
  readonly signs: SignsOfLife;
  readonly quiet: string[];
  readonly looked: (string | null)[];
  /** When it was called stalled; `null` until then. */
  stalledAt: number | null;
  reason: string;
  /** Lets time pass, and looks come back. */
  pass(ms: number): Promise<void>;
}

/** @param pulse - what a look sees at a time; `null` for an attempt that cannot be looked at */
function attempt(pulse: ((now: number) => Pulse) | null, workspace: string | null = "/w"): Attempt {
  const clock = new VirtualClock();
  const vitals: Vitals = {
    watch: () => ({
      async look(at) {
        one.looked.push(at);
        return pulse?.(clock.now()) ?? { busy: null, changed: null };
      },
    }),
  };
  const one: Attempt = {
    signs: new SignsOfLife({
      clock,
      idleMs,
      mark: "run/task/1",
      vitals: pulse === null ? null : vitals,
      workspace: () => workspace,
      quiet: (message) => one.quiet.push(`${clock.now()}: ${message}`),
      stalled(reason) {
        one.stalledAt = clock.now();
        one.reason = reason;
      },
    }),
    quiet: [],
    looked: [],
    stalledAt: null,
    reason: "",
    async pass(ms) {
      for (let left = ms; left > 0; left -= 50) {
        clock.pass(Math.min(50, left));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  return one;
}

const nothing: Pulse = { busy: false, changed: false };

test("an attempt without any sign for its idle timeout has stalled, and the reason names each sign", async () => {
  const one = attempt(() => nothing);
  await one.pass(300);
  one.signs.spoke(undefined);

  await one.pass(2_000);

  expect(one.stalledAt).toBe(1_300);
  expect(one.reason).toBe(
    "silent for 1.0s: last output 1.0s ago, no call under way, no CPU or I/O, no workspace change",
  );
  expect(one.quiet).toEqual([]);
});

test("one whose processes are busy, or whose workspace changes, is quiet but alive, and said to be once a minute", async () => {
  const busy = attempt((now) => ({ busy: now < 130_000, changed: null }));
  const writing = attempt((now) => ({ busy: false, changed: now < 3_000 }));

  await busy.pass(140_000);
  await writing.pass(5_000);

  expect(busy.quiet).toEqual([
    "1000: quiet for 1.0s but alive: CPU or I/O of its processes",
    "61000: quiet for 1m 01s but alive: CPU or I/O of its processes",
    "121000: quiet for 2m 01s but alive: CPU or I/O of its processes",
  ]);
  expect(busy.stalledAt).toBe(130_750);
  expect(busy.reason).toBe(
    "silent for 1.0s: no output yet, no call under way, last CPU or I/O 1.0s ago, workspace change not known",
  );
  expect(writing.stalledAt).toBe(3_750);
  expect(writing.quiet).toHaveLength(1);
});

test("a call under way is a sign until it ends, but not for ever", async () => {
  const ends = attempt(() => nothing);
  ends.signs.spoke("Bash (sleep 5)");
  await ends.pass(5_000);
  expect(ends.stalledAt).toBe(null);
  expect(ends.quiet[0]).toBe("1000: quiet for 1.0s but alive: a call under way: Bash (sleep 5)");
  ends.signs.spoke(null);
  await ends.pass(2_000);
  expect(ends.stalledAt).toBe(6_000);

  const hangs = attempt(() => nothing);
  hangs.signs.spoke("Bash (tail -f x)");
  await hangs.pass(20_000);
  expect(hangs.stalledAt).toBe(11_000);
  expect(hangs.reason).toContain("a call under way for 11.0s (Bash (tail -f x))");
});

test("where nobody can look, only what is said counts", async () => {
  const one = attempt(null);

  await one.pass(2_000);

  expect([one.stalledAt, one.reason, one.looked]).toEqual([1_000, "silent for 1.0s", []]);
});

test("a look that fails tells nothing", async () => {
  const one = attempt(() => {
    throw new Error("no /proc");
  });

  await one.pass(2_000);

  expect(one.stalledAt).toBe(1_000);
});

test("after it was closed an attempt is never called stalled", async () => {
  const one = attempt(() => nothing);
  await one.pass(900);

  one.signs.close();
  await one.pass(5_000);

  expect(one.stalledAt).toBe(null);
});

test("whatever the signs, it stalls after one idle timeout without any, and not before", async () => {
  const sign = fc.record({ at: fc.nat({ max: 8_000 }), kind: fc.constantFrom("output", "busy", "changed") });
  await fc.assert(
    fc.asyncProperty(fc.array(sign, { maxLength: 8 }), async (signs) => {
      let lookedAt = 0;
      const one = attempt((now) => {
        const seen = signs.filter(({ at }) => at > lookedAt && at <= now);
        lookedAt = now;
        const has = (kind: string): boolean => seen.some((one) => one.kind === kind);
        return { busy: has("busy"), changed: has("changed") };
      });
      const outputs = signs.flatMap(({ at, kind }) => (kind === "output" ? [at] : [])).sort((a, b) => a - b);
      let now = 0;
      for (const at of [...outputs, 12_000]) {
        await one.pass(at - now);
        now = at;
        if (one.stalledAt !== null) break;
        one.signs.spoke(undefined);
      }

      const at = one.stalledAt ?? Number.NaN;
      const last = Math.max(0, ...signs.map((one) => one.at).filter((moment) => moment <= at));
      expect(at - last).toBeGreaterThanOrEqual(idleMs);
      // A sign is met at the next look, a quarter later at most; one that came while it spoke, a quarter after that.
      expect(at - last).toBeLessThanOrEqual(idleMs * 1.5);
    }),
    { numRuns: 40 },
  );
});

test("the engine looks at programs and never at functions, and journals what it judged", async () => {
  const looked: string[] = [];
  const vitals: Vitals = {
    watch: (mark) => ({
      async look() {
        looked.push(mark);
        return nothing;
      },
    }),
  };
  const behave = () => ({ durationMs: null });
  const programs = world({ vitals, agents: [{ id: "a", behave }] });
  await programs.submit([taskOf("quiet", { idleTimeout: 1_000 })]);
  await programs.drive();
  const functions = world({ vitals, backend: "function", agents: [{ id: "a", behave }] });
  await functions.submit([taskOf("silent", { idleTimeout: 1_000 })]);
  await functions.drive();

  expect(new Set(looked)).toEqual(new Set(["run-1/quiet/1"]));
  expect((await programs.state("quiet")).end?.reason).toMatch(/^silent for 1\.0s: no output yet, no call/);
  expect((await functions.state("silent")).end?.reason).toBe("silent for 1.0s");
});
