import fc from "fast-check";
import { VirtualClock } from "mai-orchestration-testkit";
import { describe, expect, test } from "vitest";

describe("a virtual clock", () => {
  test("stands still until told to move, then jumps from timer to timer", () => {
    const clock = new VirtualClock(1_000);
    const fired: string[] = [];
    clock.timer(50, () => fired.push(`late at ${clock.now()}`));
    clock.timer(20, () => fired.push(`early at ${clock.now()}`));

    expect([clock.now(), clock.pending, clock.nextAt]).toEqual([1_000, 2, 1_020]);
    expect([clock.advance(), clock.advance(), clock.advance()]).toEqual([true, true, false]);
    expect(fired).toEqual(["early at 1020", "late at 1050"]);
    expect([clock.now(), clock.pending, clock.nextAt]).toEqual([1_050, 0, null]);
  });

  test("fires timers by due time, those due together in the order they were set, and no cancelled one", () => {
    const timers = fc.array(fc.record({ ms: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 300 });

    fc.assert(
      fc.property(timers, (given) => {
        const clock = new VirtualClock();
        const fired: number[] = [];
        const cancels = given.map(({ ms }, index) => clock.timer(ms, () => fired.push(index)));
        for (const [index, { cancelled }] of given.entries()) if (cancelled) cancels[index]?.();

        expect(clock.pending).toBe(given.filter(({ cancelled }) => !cancelled).length);
        while (clock.advance());

        const expected = given
          .map(({ ms, cancelled }, index) => ({ ms, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.ms - b.ms || a.index - b.index);
        expect(fired).toEqual(expected.map(({ index }) => index));
      }),
    );
  });

  test("counts right when timers are cancelled twice, or after they fired", () => {
    const clock = new VirtualClock();
    const cancelFired = clock.timer(1, () => {});
    const cancelTwice = clock.timer(2, () => {});
    clock.timer(3, () => {});

    clock.advance();
    cancelFired();
    cancelTwice();
    cancelTwice();

    expect([clock.pending, clock.nextAt]).toEqual([1, 3]);
  });

  test("fires what is set for now, and for the past, before what is due later", () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.timer(10, () => fired.push("later"));
    clock.timer(0, () => fired.push("now"));
    clock.timer(-5, () => fired.push("past"));

    while (clock.advance());

    expect(fired).toEqual(["now", "past", "later"]);
  });

  test("lets a span pass with all that falls due in it, also what is set meanwhile", () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const beat = (): void => {
      fired.push(clock.now());
      clock.timer(10, beat);
    };
    clock.timer(10, beat);

    clock.pass(35);

    expect(fired).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  test("refuses a timer of NaN milliseconds", () => {
    expect(() => new VirtualClock().timer(Number.NaN, () => {})).toThrow(RangeError);
  });

  test("takes 100,000 timers, half of them cancelled", () => {
    const clock = new VirtualClock();
    let fired = 0;
    for (let count = 0; count < 100_000; count++) {
      const cancel = clock.timer((count * 7_919) % 100_003, () => fired++);
      if (count % 2 === 0) cancel();
    }
    while (clock.advance());

    // A list sorted anew for each timer takes minutes, and with them the test's own limit.
    expect(fired).toBe(50_000);
  });
});

describe("running until a promise settles", () => {
  const sleep = (clock: VirtualClock, ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.timer(ms, resolve);
    });

  test("moves time as far as the promise needs, and settles as it does", async () => {
    const clock = new VirtualClock();
    clock.timer(1_000_000, () => {});
    const work = async (): Promise<string> => {
      for (let step = 0; step < 3; step++) await sleep(clock, 60_000);
      return `done at ${clock.now()}`;
    };
    const broken = async (): Promise<never> => {
      await sleep(clock, 5);
      throw new Error("broken");
    };

    expect(await clock.runUntil(work())).toBe("done at 180000");
    await expect(clock.runUntil(broken())).rejects.toThrow("broken");
    expect(clock.now()).toBe(180_005);
  });

  test("lets work that needs turns of the event loop happen before time moves on", async () => {
    const clock = new VirtualClock();
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    clock.timer(1_000, () => {});
    const work = async (): Promise<number> => {
      await turn();
      await turn();
      return clock.now();
    };

    expect(await clock.runUntil(work())).toBe(0);
  });

  test("waits for what comes from outside when no timer is left", async () => {
    const clock = new VirtualClock();
    const outside = new Promise<string>((resolve) => setTimeout(resolve, 30, "came"));

    expect(await clock.runUntil(outside)).toBe("came");
  });

  test("gives up, and says why, when nothing can settle the promise any more", async () => {
    const pending = new Promise(() => {});

    await expect(new VirtualClock().runUntil(pending, { patienceMs: 20 })).rejects.toThrow(
      "no timer is left",
    );
  });

  test("gives up when a heartbeat would go on for ever", async () => {
    const clock = new VirtualClock();
    const beat = (): void => void clock.timer(1_000, beat);
    beat();

    await expect(clock.runUntil(new Promise(() => {}), { limitMs: 60_000 })).rejects.toThrow(
      "60000 virtual ms",
    );
    expect(clock.now()).toBe(60_000);
  });
});
