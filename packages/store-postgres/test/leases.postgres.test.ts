import { checkFold, checkJournal } from "mai-orchestration-testkit";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { claim, newNamespace, run, success, taskOf, until, wholeJournal } from "./support/open.ts";

const server = inject("postgresUrl");

test("an attempt that nobody renews is lost and goes to another worker; its late answer is refused", async () => {
  const open = newNamespace(server);
  const [dead, living] = [open({ leaseMs: 2_000 }), open({ leaseMs: 2_000 })];
  await dead.submit(run, [taskOf("a")]);
  const [old] = await claim(dead, "dead", 1);
  if (old === undefined) throw new Error("One was to start");

  let fresh: Awaited<ReturnType<typeof claim>> = [];
  await until(async () => {
    fresh = await claim(living, "living", 1);
    return fresh.length > 0;
  });
  expect(fresh[0]).toMatchObject({ taskId: "a", attempt: 2, workerId: "living" });
  expect((await dead.renew({ workerId: "dead", pid: 1, started: "1", host: "dead" }, [old])).lost).toEqual([
    old,
  ]);
  expect(await dead.settle(old, success)).toEqual({ ok: false, refusal: "stale-attempt" });
  if (fresh[0] !== undefined) expect((await living.settle(fresh[0], success)).ok).toBe(true);

  const journal = await wholeJournal(living);
  expect(journal.map((entry) => entry.type)).toEqual([
    "run.created",
    "task.queued",
    "task.ready",
    "attempt.started",
    "attempt.lost",
    "task.ready",
    "attempt.started",
    "attempt.refused",
    "attempt.answered",
    "task.succeeded",
  ]);
  expect(checkJournal(journal)).toEqual([]);
});

test("an attempt that is renewed keeps its task for many leases", async () => {
  const open = newNamespace(server);
  const [one, other] = [open({ leaseMs: 2_000 }), open({ leaseMs: 2_000 })];
  await one.submit(run, [taskOf("a"), taskOf("b")]);
  const held = await claim(one, "one", 1);
  const [lapses] = await claim(other, "other", 1);
  if (lapses === undefined) throw new Error("Both were to start");

  const worker = { workerId: "one", pid: 1, started: "1", host: "one" };
  // What lapses beside it tells that a whole lease has passed, and that somebody looked.
  await until(async () => {
    expect(await one.renew(worker, held)).toEqual({ lost: [], cancelled: [] });
    return (await one.tasks({ runId: "run-1", taskIds: ["b"] }))[0]?.losses === 1;
  });
  expect((await one.tasks({ runId: "run-1", taskIds: ["a"] }))[0]).toMatchObject({
    phase: "running",
    losses: 0,
  });
  if (held[0] !== undefined) expect((await one.settle(held[0], success)).ok).toBe(true);
});

test("a cancelled attempt whose worker is gone ends as cancelled", async () => {
  const open = newNamespace(server);
  const store = open({ leaseMs: 2_000 });
  await store.submit(run, [taskOf("a")]);
  await claim(store, "gone", 1);
  await store.cancel("run-1", "no longer wanted");

  await until(async () => (await store.tasks({ runId: "run-1" }))[0]?.phase === "ended");
  expect((await store.tasks({ runId: "run-1" }))[0]?.end).toMatchObject({ verdict: "cancelled" });
});

test("pg-boss keeps jobs as they are asked for, and none is left when their attempts have ended", async () => {
  const open = newNamespace(server);
  const store = open({ leaseMs: 3_000 });
  await store.submit(run, [taskOf("a"), taskOf("b")]);
  const claims = await claim(store, "one", 2);
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rows: schemas } = await client.query<{ schema: string }>(
    "select table_schema as schema from information_schema.tables where table_name = 'job' and table_schema like 't\\_%'",
  );
  const jobs = async (): Promise<unknown[]> => {
    const found = [];
    for (const { schema } of schemas) {
      const { rows } = await client.query(
        `select state::text, retry_limit, expire_seconds, heartbeat_seconds from ${schema}.job where heartbeat_seconds = 3`,
      );
      found.push(...rows);
    }
    return found;
  };

  // No limit of pg-boss's own may end an attempt: neither its 24 hours, nor its retries.
  const job = {
    state: "active",
    retry_limit: 2_000_000_000,
    expire_seconds: 2_000_000_000,
    heartbeat_seconds: 3,
  };
  expect(await jobs()).toEqual([job, job]);
  for (const one of claims) await store.settle(one, success);
  expect(await jobs()).toEqual([]);
  await client.end();
});

test("no worker may have more of an agent than the store's cap, and a new cap holds at once", async () => {
  const open = newNamespace(server);
  const [one, other] = [open(), open()];
  await one.nameAgents([{ agentId: "agent", maxConcurrent: 2 }]);
  await other.nameAgents([{ agentId: "agent", maxConcurrent: 50 }]);
  await one.submit(
    run,
    Array.from({ length: 20 }, (_, index) => taskOf(`t${index}`)),
  );

  expect(await claim(one, "one", 1)).toHaveLength(1);
  expect(await claim(other, "other", 9)).toHaveLength(1);
  await other.setAgentCap("agent", 5);
  expect(await claim(one, "one", 9)).toHaveLength(3);
  expect(await one.agentCaps()).toEqual([{ agentId: "agent", maxConcurrent: 5, held: 5 }]);
});

test("an interrupted run rests on all machines until it is resumed", async () => {
  const store = newNamespace(server)();
  await store.submit(run, [taskOf("a")]);
  await store.note("run-1", { type: "run.interrupted", reason: "stopped", resume: "mai resume" });
  expect(await claim(store, "one", 1)).toEqual([]);
  expect(await store.openRuns()).toEqual([]);

  await store.note("run-1", { type: "run.resumed", reused: 0, open: 1 });
  expect((await store.openRuns()).map(({ runId }) => runId)).toEqual(["run-1"]);
  expect(await claim(store, "one", 1)).toHaveLength(1);
  expect(checkFold(await wholeJournal(store), "run-1", await store.tasks({ runId: "run-1" }))).toEqual([]);
});
