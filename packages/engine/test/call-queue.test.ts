import { MaiError } from "mai-orchestration-core";
import { VirtualClock } from "mai-orchestration-testkit";
import { expect, test } from "vitest";
import { CallQueue } from "../src/store/call-queue.ts";
import { MemoryTable } from "../src/store/memory-table.ts";

/** A table that counts its transactions and fails as told to. */
class FailingTable extends MemoryTable {
  transactions = 0;
  reads = 0;
  closed = 0;
  /** What the coming commits throw, one after the other. */
  failures: unknown[] = [];
  foreign = false;

  override transact<T>(work: () => T): T {
    this.transactions++;
    const value = work();
    if (this.failures.length > 0) throw this.failures.shift();
    return value;
  }

  override read<T>(work: () => T): T {
    this.reads++;
    if (this.failures.length > 0) throw this.failures.shift();
    return work();
  }

  override foreignChange(): boolean {
    return this.foreign;
  }

  override close(): void {
    this.closed++;
  }
}

function queueOver(busyLimitMs?: number): { table: FailingTable; clock: VirtualClock; queue: CallQueue } {
  const table = new FailingTable();
  const clock = new VirtualClock();
  return { table, clock, queue: new CallQueue(table, clock, busyLimitMs) };
}

const busy = new MaiError("store.busy", "The store is locked");

test("calls of one turn share a transaction, in the order they were made", async () => {
  const { table, queue } = queueOver();
  const order: number[] = [];
  const calls = [1, 2, 3].map((n) => queue.add(n === 2, () => order.push(n)));

  expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  expect(order).toEqual([1, 2, 3]);
  expect(table.transactions).toBe(1);
});

test("calls of different turns do not share one", async () => {
  const { table, queue } = queueOver();
  await queue.add(true, () => undefined);
  await queue.add(true, () => undefined);

  expect(table.transactions).toBe(2);
});

test("a turn of reads only makes no transaction", async () => {
  const { table, queue } = queueOver();
  await Promise.all([queue.add(false, () => 1), queue.add(false, () => 2)]);

  expect([table.transactions, table.reads]).toEqual([0, 1]);
});

test("nobody is answered before the commit, and a failed commit rejects every caller of its turn", async () => {
  const { table, queue } = queueOver();
  const full = new MaiError("store.failed", "The disk is full");
  table.failures = [full];
  const heard: boolean[] = [];
  queue.onChange((foreign) => heard.push(foreign));
  const calls = [queue.add(true, () => 1), queue.add(false, () => 2), queue.add(true, () => 3)];

  const settled = await Promise.allSettled(calls);
  expect(settled).toEqual(Array(3).fill({ status: "rejected", reason: full }));
  expect(heard).toEqual([]);
  expect(await queue.add(true, () => 4)).toBe(4);
  expect(heard).toEqual([false]);
});

test("a caller's own mistake rejects that caller only", async () => {
  const { table, queue } = queueOver();
  const mistake = new MaiError("task.conflict", "Another task has that id");
  const calls = [
    queue.add(true, () => 1),
    queue.add(true, () => {
      throw mistake;
    }),
    queue.add(true, () => 3),
  ];

  expect(await Promise.allSettled(calls)).toEqual([
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: mistake },
    { status: "fulfilled", value: 3 },
  ]);
  expect(table.transactions).toBe(1);
});

test("a bug in one call takes the whole transaction back", async () => {
  const { queue } = queueOver();
  const bug = new Error("Broken invariant: there is no bug");
  const calls = [
    queue.add(true, () => 1),
    queue.add(true, () => {
      throw bug;
    }),
  ];

  expect(await Promise.allSettled(calls)).toEqual(Array(2).fill({ status: "rejected", reason: bug }));
});

test.each([true, false])("a busy table is tried again until it is free (writes: %s)", async (writes) => {
  const { table, clock, queue } = queueOver();
  table.failures = [busy, busy, busy];
  const early = queue.add(writes, () => "early");
  await clock.runUntil(new Promise((resolve) => clock.soon(() => resolve(undefined))));
  const late = queue.add(writes, () => "late");

  expect(await clock.runUntil(Promise.all([early, late]))).toEqual(["early", "late"]);
  expect(table.transactions + table.reads).toBe(4);
});

test("a table that stays busy is given up after the limit, and later calls try afresh", async () => {
  const { table, clock, queue } = queueOver(1_000);
  table.failures = Array(10_000).fill(busy);
  const startedAt = clock.now();
  const call = queue.add(true, () => 1);

  await expect(clock.runUntil(call)).rejects.toBe(busy);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  expect(clock.now() - startedAt).toBeLessThan(1_100);
  table.failures = [busy];
  expect(await clock.runUntil(queue.add(true, () => 2))).toBe(2);
});

test("closing waits while the table is busy, and closes it once", async () => {
  const { table, clock, queue } = queueOver();
  table.failures = [busy, busy];
  const call = queue.add(true, () => 1);
  const closing = Promise.all([queue.close(), queue.close()]);
  await expect(queue.add(true, () => 2)).rejects.toMatchObject({ code: "store.closed" });

  expect(table.closed).toBe(0);
  await clock.runUntil(closing);
  expect(await call).toBe(1);
  expect(table.closed).toBe(1);
});

test("flushNow makes the waiting calls at once", async () => {
  const { table, queue } = queueOver();
  let done = false;
  const call = queue.add(true, () => {
    done = true;
  });
  queue.flushNow();

  expect(done).toBe(true);
  await call;
  queue.flushNow();
  expect(table.transactions).toBe(1);
});

test("foreign changes are looked for only while somebody listens", async () => {
  const { table, clock, queue } = queueOver();
  table.foreign = true;
  clock.pass(1_000);
  const heard: boolean[] = [];
  const stop = queue.onChange((foreign) => heard.push(foreign));
  clock.pass(250);
  expect(heard).toEqual([true, true]);

  stop();
  clock.pass(1_000);
  expect(heard).toEqual([true, true]);
  expect(clock.pending).toBe(0);
});
