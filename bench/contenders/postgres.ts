/**
 * No-op tasks on a Postgres of their own, done by two worker processes: `argv[2]` tasks, `argv[3]` who keeps them
 * (`ours` or `pg-boss`), `argv[4]` how many each worker has in flight, `argv[5]` finished tasks that lie in
 * the tables already.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startServer } from "../../packages/store-postgres/test/support/server.ts";
import { assertRan, finish, taskCount } from "./measurement.ts";
import { fillFinished, keeperOf } from "./postgres-keepers.ts";

const workers = 2;
const tasks = taskCount();
const [, , , kind = "ours", inFlight = "1", finished = "0"] = process.argv;

// Durable, as a server is that somebody relies on. The folder of this process lies on a disk.
process.env["TMPDIR"] = process.cwd();
// Started by root, the server runs as somebody else.
chmodSync(process.cwd(), 0o711);
const server = await startServer({ fsync: "on", shared_buffers: "512MB", max_wal_size: "4GB" });
const keeper = await keeperOf(kind, server.url);
if (Number(finished) > 0) await fillFinished(server.url, Number(finished));
await keeper.submit(tasks);
await keeper.close();

const children = Array.from({ length: workers }, startWorker);
await Promise.all(children.map(({ says }) => says("ready")));
const start = performance.now();
for (const { child } of children) child.stdin?.write("go\n");
const ran = await Promise.all(children.map(({ says }) => says("ran")));
const ms = performance.now() - start;
for (const { child } of children) child.kill("SIGKILL");
await server.destroy();
assertRan(
  ran.reduce((sum, count) => sum + count, 0),
  tasks,
);
finish({ tasks, ms });

interface Started {
  readonly child: ChildProcess;
  /** Resolves the number behind a word that it prints. */
  says(word: string): Promise<number>;
}

function startWorker(): Started {
  const script = fileURLToPath(new URL("./postgres-worker.ts", import.meta.url));
  const child = spawn(process.execPath, [script, kind, inFlight], {
    env: { ...process.env, BENCH_POSTGRES_URL: server.url },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const heard: string[] = [];
  lines.on("line", (line) => heard.push(line));
  return {
    child,
    async says(word) {
      for (;;) {
        const line = heard.find((one) => one.startsWith(`${word} `));
        if (line !== undefined) return Number(line.slice(word.length));
        if (child.exitCode !== null) throw new Error(`a worker ended before it was ${word}`);
        await Promise.race([once(lines, "line"), once(child, "exit")]);
      }
    },
  };
}
