/** Workers and coordinators as processes of their own, on a real server, while they are killed and cut off. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livingMarks } from "mai-orchestration-agents";
import { systemClock } from "mai-orchestration-engine/store";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { expect, inject, onTestFinished, test } from "vitest";
import { type MaiProcess, startMai } from "../packages/framework/test/support/test-io.ts";
import { openPostgresStore, type PostgresStore } from "../packages/store-postgres/src/index.ts";
import { dropNamespace, takeNamespace, urlOf } from "../packages/store-postgres/test/support/namespaces.ts";
import { until, wholeJournal } from "../packages/store-postgres/test/support/open.ts";
import { openWire } from "../packages/store-postgres/test/support/proxy.ts";

const server = inject("postgresUrl");

interface Cluster {
  readonly folder: string;
  readonly url: string;
  readonly store: PostgresStore;
  worker(slots: number, env?: Readonly<Record<string, string>>, ...words: string[]): MaiProcess;
  mai(...words: string[]): MaiProcess;
}

function newCluster(): Cluster {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "mai-cluster-")));
  const schema = takeNamespace();
  const url = urlOf(server, schema);
  const store = openPostgresStore({ url, clock: systemClock });
  onTestFinished(async () => {
    await store.close();
    await dropNamespace(server, schema);
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}): MaiProcess =>
    startMai(folder, words, { MAI_STORE: url, ...env });
  return {
    folder,
    url,
    store,
    worker: (slots, env, ...words) => start(["worker", "--agents", `bash=${slots}`, "--json", ...words], env),
    mai: (...words) => start(words),
  };
}

function writePlan(folder: string, tasks: readonly object[]): void {
  const full = tasks.map((task) => ({
    type: "test",
    description: "Work",
    success_criteria: "Done",
    ...task,
  }));
  writeFileSync(join(folder, "plan.json"), JSON.stringify({ version: 1, tasks: full }));
}

/** What the run came to, once all of its laws are checked. */
async function judge(
  store: PostgresStore,
  caps: ReadonlyMap<string, number>,
): Promise<Readonly<Record<string, number>>> {
  const [run] = await store.runs();
  if (run === undefined) throw new Error("There is a run");
  const journal = await wholeJournal(store);
  expect(checkJournal(journal, caps)).toEqual([]);
  expect(checkFold(journal, run.runId, await store.tasks({ runId: run.runId }))).toEqual([]);
  const { total, verdicts } = await store.counts(run.runId);
  return { total, ...verdicts };
}

test("four workers and their coordinator are killed at any moment, and all tasks end once", async () => {
  const cluster = newCluster();
  const { store, folder } = cluster;
  await store.nameAgents([{ agentId: "bash", maxConcurrent: 6 }]);
  // The clocks of the machines differ by an hour; the server's is the one that counts.
  const clock = join(import.meta.dirname, "support", "skewed-clock.mjs");
  const skew = (ms: number): Record<string, string> => ({
    NODE_OPTIONS: `--import=${clock}`,
    MAI_TEST_CLOCK_OFF_MS: String(ms),
  });
  writePlan(
    folder,
    Array.from({ length: 40 }, (_, index) => ({
      id: `t${index}`,
      command: `sleep 0.${1 + (index % 5)}`,
      retry: { max_lost: 20 },
      ...(index >= 8 ? { depends_on: [`t${index - 8}`] } : {}),
      ...(index % 7 === 3 ? { locks: ["door"] } : {}),
      ...(index % 11 === 5 ? { requires: ["special"] } : {}),
    })),
  );
  const workers = [0, 1, 2, 3].map((index) =>
    cluster.worker(2, skew((index - 1) * 3_600_000), "--tags", "special"),
  );
  let coordinator = cluster.mai("run", "plan.json", "--json");
  await coordinator.prints("run.created");
  const ended = async (): Promise<number> =>
    (await store.counts((await store.runs())[0]?.runId ?? "")).phases.ended ?? 0;

  for (const [round, when] of [4, 10, 16, 22].entries()) {
    await until(async () => (await ended()) >= when);
    workers[round]?.child.kill("SIGKILL");
    await workers[round]?.ended;
    workers[round] = cluster.worker(2, skew(round * -1_800_000), "--tags", "special");
    if (round % 2 === 0) continue;
    coordinator.child.kill("SIGKILL");
    await coordinator.ended;
    coordinator = cluster.mai("resume", "--json");
  }
  expect(await coordinator.ended).toBe(0);

  expect(await judge(store, new Map([["bash", 6]]))).toEqual({ total: 40, unverified: 40 });
  expect(coordinator.out()).toContain('"type":"run.finished"');
}, 150_000);

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
