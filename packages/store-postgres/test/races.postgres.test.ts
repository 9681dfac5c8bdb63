import type { JournalEntry } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { expect, inject, test } from "vitest";
import { claim, newNamespace, run, success, taskOf, wholeJournal } from "./support/open.ts";

const server = inject("postgresUrl");
const runId = run.runId;

/** Drives the run from one handle until everything has ended: claims, and settles some as failed or lost. */
async function work(store: Store, name: string, cap: number): Promise<void> {
  for (;;) {
    const { total, phases } = await store.counts(runId);
    if (total === (phases.ended ?? 0)) return;
    const claims = await claim(store, name, 4, { maxConcurrent: cap });
    await Promise.all(
      claims.map((one, index) => {
        const lot = (one.task.sequence + one.attempt + index) % 7;
        if (lot === 0) return store.settle(one, { type: "lost", reason: "thought dead" });
        if (lot === 1) {
          const failure = { reason: "boom", answer: null, feedback: null, retryAt: null };
          return store.settle(one, { type: "failed", kind: "permanent", ...failure });
        }
        return store.settle(one, success);
      }),
    );
    if (claims.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("workers, cancellations and submissions at once: every law holds, and every task ends once", async () => {
  const open = newNamespace(server);
  const handles = [open(), open(), open(), open()] as const;
  const [first, , , last] = handles;
  await first.nameAgents([{ agentId: "agent", maxConcurrent: 5 }]);
  const tasks = Array.from({ length: 150 }, (_, index) =>
    taskOf(`t${index}`, {
      ...(index > 9 ? { dependsOn: [`t${index - 10}`, `t${index - 3}`] } : {}),
      ...(index % 5 === 0 ? { locks: [`lock-${index % 3}`] } : {}),
      retry: { maxLost: 9 },
    }),
  );
  await first.submit({ ...run, parallel: 4 }, tasks);

  const disturb = async (): Promise<void> => {
    for (let index = 0; index < 15; index++) {
      await Promise.all([
        last.submit(run, [taskOf(`late-${index}`, { dependsOn: [`t${index * 7}`, `t${index}`] })]),
        last.cancel(runId, "no longer wanted", [`t${140 - index * 3}`]),
      ]);
    }
  };
  const confirm = async (): Promise<void> => {
    for (;;) {
      const { total, phases } = await last.counts(runId);
      if (total === (phases.ended ?? 0) && total === 165) return;
      for (const { claim: one } of await last.held(runId)) {
        if (one.task.phase === "cancelling") await last.settle(one, { type: "cancelled" });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all([...handles.map((handle, index) => work(handle, `w${index}`, 50)), disturb(), confirm()]);
  // The last submissions may have come when the workers had seen the end.
  await work(first, "w0", 50);

  const journal = await wholeJournal(first);
  expect(checkJournal(journal, new Map([["agent", 5]]))).toEqual([]);
  expect(checkFold(journal, runId, await first.tasks({ runId }))).toEqual([]);
  expect((await first.counts(runId)).phases).toEqual({ ended: 165 });
});

test("who follows the journal while others write misses no entry and sees them in order", async () => {
  const open = newNamespace(server);
  const reader = open();
  const writers = Array.from({ length: 6 }, () => open());
  await reader.submit(run, []);

  let isOver = false;
  const follow = async (): Promise<JournalEntry[]> => {
    const seen: JournalEntry[] = [];
    for (;;) {
      const wasOver = isOver;
      const page = await reader.journal(seen.at(-1)?.seq ?? 0, { limit: 50 });
      seen.push(...page);
      if (wasOver && page.length === 0) return seen;
    }
  };
  const write = async (store: Store, name: number): Promise<void> => {
    for (let index = 0; index < 25; index++) {
      const own = { ...run, runId: `run-w${name}-${index}` };
      const ids = Array.from({ length: 1 + ((name * index) % 40) }, (_, at) => taskOf(`t${at}`));
      await store.submit(own, ids);
    }
  };
  const following = follow();
  await Promise.all(writers.map((store, name) => write(store, name)));
  isOver = true;

  const seen = await following;
  const whole = await wholeJournal(open());
  expect(seen.map((entry) => entry.seq)).toEqual(whole.map((entry) => entry.seq));
  expect(checkJournal(seen)).toEqual([]);
});

/** Another address of the same namespace: handles of one process tell each other without the server. */
function farAddressOf({ name }: Store): string {
  const far = new URL(name);
  far.username = new URL(server).username;
  far.searchParams.set("application_name", "far");
  return far.href;
}

test("who listens and then looks misses nothing that others commit meanwhile", async () => {
  const open = newNamespace(server);
  const writer = open();
  const reader = open({ url: farAddressOf(writer) });
  await writer.submit(run, []);
  const seen = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        reader.tasks({ runId: run.runId }).then((tasks) => {
          if (tasks.length < count) return;
          stop();
          resolve();
        }, reject);
      };
      // The last one to stop lets go of the connection that listens.
      const stop = reader.onChange(look);
      look();
    });

  for (let count = 1; count <= 30; count++) {
    const one = seen(count);
    await writer.submit(run, [taskOf(`t${count}`)]);
    await one;
  }

  expect((await reader.tasks({ runId: run.runId })).length).toBe(30);
});

test("a listener that is stopped twice does not stop the one that came after it", async () => {
  const open = newNamespace(server);
  const writer = open();
  const reader = open({ url: farAddressOf(writer) });
  await writer.submit(run, []);
  const stop = reader.onChange(() => undefined);
  stop();
  let stopNext = (): void => undefined;
  const heard = new Promise<void>((resolve) => {
    stopNext = reader.onChange(() => resolve());
  });

  stop();

  // Whoever looks waits for the connection that listens.
  await reader.tasks({ runId: run.runId });
  await writer.submit(run, [taskOf("t1")]);
  await heard;
  stopNext();
});
