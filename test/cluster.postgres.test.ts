/** Workers and their coordinator, while they are killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { livingMarks } from "mai-orchestration-agents";
import { expect, onTestFinished, test } from "vitest";
import { dropNamespace, takeNamespace, urlOf } from "../packages/store-postgres/test/support/namespaces.ts";
import { until } from "../packages/store-postgres/test/support/open.ts";
import { repositoryRoot } from "../scripts/lib/repository.ts";
import { judge, newCluster, server, writePlan } from "./support/cluster.ts";

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

test("what a worker that was killed left running is ended, though nobody else is on its machine", async () => {
  const cluster = newCluster();
  const { store, folder } = cluster;
  writePlan(folder, [{ id: "left", command: "trap '' TERM; while :; do sleep 1; done" }]);
  const run = cluster.mai("run", "plan.json", "--json");
  await run.prints("run.created");
  const worker = cluster.worker(1);
  await worker.prints("worker.started");
  const mark = `${(await store.runs())[0]?.runId}/left/1`;
  await until(async () => livingMarks().includes(mark));
  run.child.kill("SIGKILL");
  worker.child.kill("SIGKILL");
  await Promise.all([run.ended, worker.ended]);

  await until(async () => !livingMarks().includes(mark));

  // Nobody took over, so its lease is what is left of it; whoever comes next starts it again.
  const next = cluster.worker(1);
  await next.prints("worker.started");
  expect(await cluster.mai("cancel").ended).toBe(0);
  next.child.kill("SIGTERM");
  expect(await next.ended).toBe(0);
  expect(livingMarks()).not.toContain(mark);
}, 90_000);

test("the example of a cluster finishes, though one of its workers is killed", async () => {
  const schema = takeNamespace();
  onTestFinished(() => dropNamespace(server, schema));
  const program = join(repositoryRoot, "examples/cluster/cluster.mjs");
  const child = spawn(process.execPath, ["--conditions=mai-source", program], {
    env: { ...process.env, MAI_STORE: urlOf(server, schema) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  let out = "";
  child.stdout.on("data", (text: Buffer) => {
    out += text.toString();
  });
  const [code] = await once(child, "close");

  expect(code).toBe(0);
  expect(out).toMatch(/-- worker \d+ is dead/);
  expect(out).toContain("10 tasks: 10 unverified");
}, 90_000);
