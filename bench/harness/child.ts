/** Runs one contender in a process of its own, in a fresh folder, and reads the one line it prints. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { withFolder } from "./folder.ts";
import type { Runtime } from "./runtimes.ts";
import { executableOf } from "./runtimes.ts";

export interface ContenderProcess {
  readonly runtime: Runtime;
  /** File in `contenders/`. */
  readonly script: string;
  readonly args: readonly string[];
  /** After which the process is killed. @defaultValue 120_000 */
  readonly timeoutMs?: number;
}

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Resolves what the child measured. Rejects when it dies, prints no measurement, or outlives its time. */
export async function measureInChild<T>(contender: ContenderProcess): Promise<T> {
  const { runtime, script } = contender;
  const { code, stdout, stderr } = await withFolder((folder) => run(contender, folder));
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (code !== 0 || !line.startsWith("{")) {
    throw new Error(
      `${script} on ${runtime} ended with ${code}: ${causeIn(stderr) || "no measurement printed"}`,
    );
  }
  return JSON.parse(line) as T;
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  { runtime, script, args, timeoutMs = 120_000 }: ContenderProcess,
  folder: string,
): Promise<Ended> {
  const file = fileURLToPath(new URL(`../contenders/${script}`, import.meta.url));
  const child = spawn(executableOf(runtime), [file, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal ?? "nothing", stdout, stderr }));
  }).finally(() => clearTimeout(timer));
}

/** What an uncaught error says, without the frames around it and without this machine's paths. */
function causeIn(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const written = lines.filter((line) => line !== "");
  const cause = lines.find((line) => /error:|^\w*Error|\[ERR_/i.test(line)) ?? written.slice(-3).join(" ");
  return cause.replaceAll(repository, "");
}
