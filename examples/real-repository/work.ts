/** The run: begun, killed in the middle, gone on with. Nothing here does what a user at a shell could not do. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const framework = join(import.meta.dirname, "..", "..", "packages", "framework");
const source = "--conditions=mai-source";

/** The command `mai` of this repository: built, or from the sources if this program was started so. */
const command: readonly string[] = process.execArgv.includes(source)
  ? [source, join(framework, "test", "support", "mai-from-source.ts")]
  : [join(framework, "bin", "mai.js")];

/** A line of `mai run --json`. */
export interface Event {
  readonly type: string;
  readonly runId: string;
  readonly taskId?: string;
  readonly [key: string]: unknown;
}

export interface Killed {
  readonly runId: string;
  /** Edits that had ended when the engine was killed. */
  readonly ended: number;
}

/** Starts the plan in `root` and kills its engine, with no warning, once `after` edits have ended. */
export async function runUntilKilled(root: string, after: number): Promise<Killed> {
  const ended = new Set<string>();
  let runId = "";
  const engine = startMai(root, "run", "plan.json", "--json");
  const over = new Promise<string>((resolve) => {
    engine.on("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  for await (const event of eventsOf(engine)) {
    runId = event.runId;
    if (event.type === "task.succeeded" || event.type === "task.failed") ended.add(event.taskId ?? "");
    if (ended.size >= after) break;
  }
  engine.kill("SIGKILL");
  const how = await over;
  if (how !== "SIGKILL") throw new Error(`mai run was over before it could be killed: ${how}`);
  return { runId, ended: ended.size };
}

/** Goes on with the run to its end; resolves to the exit code. */
export async function resume(root: string): Promise<number | null> {
  const engine = startMai(root, "resume", "--json");
  const over = new Promise<number | null>((resolve) => void engine.on("close", resolve));
  engine.stdout?.resume();
  return over;
}

/** What a verb of `mai` prints. Exit codes say how a run ended and are no mistake here. */
export function mai(
  root: string,
  ...words: readonly string[]
): { readonly code: number; readonly out: string } {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...words], options);
  if (status === null || status > 3) throw new Error(`mai ${words.join(" ")}: ${stderr}`);
  return { code: status, out: stdout };
}

/** Everything that the journal says of the run. */
export function journalOf(root: string, runId: string): readonly Event[] {
  const { out } = mai(root, "events", runId, "--json");
  return out
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

function startMai(cwd: string, ...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...command, ...words], { cwd, stdio: ["ignore", "pipe", "inherit"] });
}

async function* eventsOf({ stdout }: ChildProcess): AsyncGenerator<Event> {
  if (stdout === null) return;
  for await (const line of createInterface({ input: stdout })) yield JSON.parse(line) as Event;
}
