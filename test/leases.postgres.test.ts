/** Workers that are told to go, cut off, or gone with their machine. */
import { livingMarks } from "mai-orchestration-agents";
import { expect, onTestFinished, test } from "vitest";
import { until, wholeJournal } from "../packages/store-postgres/test/support/open.ts";
import { openWire } from "../packages/store-postgres/test/support/proxy.ts";
import { judge, newCluster, server, writePlan } from "./support/cluster.ts";

test("what a dead worker held on another machine is started again once its lease is over", async () => {
  const cluster = newCluster();
  const { store, folder } = cluster;
  writePlan(folder, [{ id: "long", command: "sleep 600" }]);
  const submitted = cluster.mai("run", "plan.json", "--json");
  await submitted.prints("run.created");
  const [run] = await store.runs();
  if (run === undefined) throw new Error("There is a run");
  // A worker of a machine that is gone: nobody here can tell that it is dead.
  const elsewhere = { workerId: "elsewhere", pid: 1, started: "1", host: "elsewhere boot pid" };
  const offer = {
    agentId: "bash",
    capabilities: [],
    commands: true,
    prose: false,
    maxConcurrent: 3,
    free: 1,
  };
  const offers = [{ ...offer, maxAttemptsFor: () => 1 }];
  const { claims } = await store.claim({
    worker: elsewhere,
    scopes: [{ runId: run.runId, slots: 1 }],
    offers,
    idle: true,
  });
  expect(claims).toHaveLength(1);
  const worker = cluster.worker(1);
  await worker.prints("worker.started");

  const journal = await wholeJournal(store);
  const starts = journal.filter((entry) => entry.type === "attempt.started").map((entry) => entry.at);
  // By the server's clock. How soon it is on an idle machine is a figure of the bench.
  expect(starts).toHaveLength(2);
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(9_000);
  await cluster.mai("cancel").ended;
  expect(await submitted.ended).toBe(2);
}, 90_000);

test("a running attempt is cancelled from another process, and a worker that is told to go finishes first", async () => {
  const cluster = newCluster();
  const { store, folder } = cluster;
  writePlan(folder, [
    { id: "endless", command: "sleep 600" },
    { id: "short", command: "sleep 1" },
  ]);
  const worker = cluster.worker(2);
  const run = cluster.mai("run", "plan.json", "--json");
  await worker.prints('"taskId":"endless"');
  await worker.prints('"taskId":"short"');
  expect(await cluster.mai("cancel", "endless").ended).toBe(0);
  worker.child.kill("SIGTERM");
  expect(await worker.ended).toBe(0);

  expect(await judge(store, new Map())).toEqual({ total: 2, cancelled: 1, unverified: 1 });
  expect(await store.workers()).toEqual([]);
  expect(await run.ended).not.toBe(0);
}, 60_000);

test("a worker that is cut off ends its attempts, and what it says when it is back is refused", async () => {
  const cluster = newCluster();
  const { store, folder } = cluster;
  const wire = await openWire(Number(new URL(server).port));
  onTestFinished(() => wire.close());
  const far = new URL(cluster.url);
  far.port = String(wire.port);
  writePlan(folder, [{ id: "a", command: "echo $$ >> pids; sleep 600" }]);
  const lonely = cluster.worker(1, { MAI_STORE: far.href });
  const run = cluster.mai("run", "plan.json", "--json");
  await lonely.prints("worker.started");
  wire.cut();
  const other = cluster.worker(1);
  await other.prints("worker.started");

  // The other one has begun by now: the first attempt's process must be gone, or go within its grace.
  const journal = await wholeJournal(store);
  const [first] = journal.filter((entry) => entry.type === "attempt.started");
  if (first?.type !== "attempt.started" || first.taskId === undefined) throw new Error("It was started");
  const mark = `${first.runId}/${first.taskId}/1`;
  await until(async () => livingMarks().every((one) => one !== mark));
  wire.mend();
  await until(async () => (await store.workers()).filter(({ silentMs }) => silentMs < 5_000).length === 2);

  expect((await store.tasks({ runId: first.runId }))[0]).toMatchObject({
    phase: "running",
    attempt: 2,
    losses: 1,
  });
  await cluster.mai("cancel").ended;
  expect(await run.ended).toBe(2);
  expect(await judge(store, new Map())).toEqual({ total: 1, cancelled: 1 });
}, 120_000);
