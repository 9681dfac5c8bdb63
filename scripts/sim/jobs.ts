/** Shares seeds among processes, for a simulation keeps one processor busy. */
import { spawn } from "node:child_process";

/** Resolves the worst exit code. */
export async function runJobs(
  command: readonly string[],
  from: number,
  seeds: number,
  jobs: number,
): Promise<number> {
  const share = Math.ceil(seeds / jobs);
  const codes = Array.from({ length: jobs }, (_, index) => {
    const first = from + index * share;
    const count = Math.min(share, from + seeds - first);
    return count <= 0 ? 0 : runJob(command, first, count);
  });
  return Math.max(...(await Promise.all(codes)));
}

function runJob(command: readonly string[], from: number, seeds: number): Promise<number> {
  const parameters = [...process.execArgv, ...command, "--from", `${from}`, "--seeds", `${seeds}`];
  const child = spawn(process.execPath, parameters, { stdio: "inherit" });
  return new Promise((resolve) => {
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
