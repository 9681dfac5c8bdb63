import { checkFold, checkJournal } from "mai-orchestration-testkit";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claim, newNamespace, run, success, taskOf, wholeJournal } from "./support/open.ts";
import { startServer, type TestServer } from "./support/server.ts";

/** A server of their own: these tests stop it. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ max_connections: "20", superuser_reserved_connections: "3" });
});
afterAll(() => server.destroy());

test("a server that dies and comes back loses nothing that was acknowledged, and ends nothing twice", async () => {
  const open = newNamespace(server.url);
  const workers = [open({ leaseMs: 60_000 }), open({ leaseMs: 60_000 })];
  const [store] = workers;
  if (store === undefined) throw new Error("There is one");
  const ids = Array.from({ length: 300 }, (_, index) => `t${index}`);
  await store.submit(
    run,
    ids.map((id, index) => taskOf(id, index > 20 ? { dependsOn: [`t${index - 20}`] } : {})),
  );

  const acknowledged: string[] = [];
  const work = async (own: typeof store, name: string): Promise<void> => {
    for (;;) {
      const claims = await claim(own, name, 5);
      await Promise.all(
        claims.map(async (one) => {
          expect(await own.settle(one, success)).toMatchObject({ ok: true });
          acknowledged.push(one.taskId);
        }),
      );
      if (claims.length > 0) continue;
      const { phases, total } = await own.counts(run.runId);
      if (total === (phases.ended ?? 0)) return;
    }
  };
  const disturb = async (): Promise<void> => {
    for (let times = 0; times < 3; times++) {
      while (acknowledged.length < 40 + times * 80) await new Promise((resolve) => setTimeout(resolve, 5));
      await server.stop("immediate");
      await server.start();
    }
  };
  await Promise.all([...workers.map((own, index) => work(own, `w${index}`)), disturb()]);

  expect([...acknowledged].sort()).toEqual([...ids].sort());
  const journal = await wholeJournal(store);
  expect(checkJournal(journal)).toEqual([]);
  expect(checkFold(journal, run.runId, await store.tasks({ runId: run.runId }))).toEqual([]);
  expect(journal.filter((entry) => entry.type === "attempt.refused")).toEqual([]);
}, 120_000);

test("a server without a free connection is waited for", async () => {
  const open = newNamespace(server.url);
  const store = open();
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: server.url });
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch {
      break;
    }
    taken.push(client);
  }
  const submitted = store.submit(run, [taskOf("a")]);
  let isDone = false;
  submitted.then(
    () => {
      isDone = true;
    },
    () => undefined,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isDone).toBe(false);
  for (const client of taken) await client.end();
  await submitted;

  expect(await claim(store, "one", 1)).toHaveLength(1);
});

test("a server that stays away is an error that names it without its secrets", async () => {
  const open = newNamespace("postgres://somebody:secret@127.0.0.1:1/nowhere");
  const store = open({ patienceMs: 200 });

  expect(store.name).toMatch(/^postgres:\/\/127\.0\.0\.1:1\/nowhere\?schema=t_[0-9a-f]+$/);
  const error = await store.runs().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "MaiError", code: "store.busy" });
  expect(JSON.stringify([String(error), error])).not.toContain("secret");
});
