/** One adapter's tests with its real program, by Vitest in a process of its own. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { agentPrograms } from "mai-orchestration-testkit";
import { type Driver, type DriverName, drivers } from "../../test/agents/driver.ts";
import { repositoryRoot } from "../lib/repository.ts";
import { runCommand } from "../lib/run-command.ts";
import type { AdapterResult } from "./results.ts";

/** Of Vitest's report, what is read. */
interface Report {
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

export interface AdapterRun extends AdapterResult {
  /** What Vitest printed. */
  readonly output: string;
}

const longestMs = 1_800_000;

/**
 * @param versions - versions of programs instead of the pinned ones
 * @param record - a folder for what the program printed
 * @param only - a pattern of the cases to run
 */
export async function runAdapter(
  name: DriverName,
  {
    versions,
    record,
    only,
  }: { versions: Readonly<Record<string, string>>; record: string | null; only: string | null },
): Promise<AdapterRun> {
  const folder = join(repositoryRoot, ".cache", "results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `agents-${name}.json`);
  rmSync(file, { force: true });
  const { output } = await runCommand(
    "npx",
    [
      ...["vitest", "run", "--config", "vitest.agents.config.ts", `test/agents/${name}.agents.test.ts`],
      ...["--reporter=default", "--reporter=json", `--outputFile=${file}`],
      ...(only === null ? [] : ["-t", only]),
    ],
    {
      cwd: repositoryRoot,
      timeoutMs: longestMs,
      env: { MAI_AGENT_VERSIONS: JSON.stringify(versions), ...(record !== null && { MAI_RECORD: record }) },
    },
  );
  const { program }: Driver = drivers[name];
  const version = versions[program] ?? agentPrograms[program].version;
  return { version, date: new Date().toISOString().slice(0, 10), passed: passedIn(file), output };
}

function passedIn(file: string): Record<string, boolean> {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return {};
  }
  const ran = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");
  return Object.fromEntries(ran.map(({ title, status }) => [title, status === "passed"]));
}
