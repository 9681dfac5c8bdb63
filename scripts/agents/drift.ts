/** What two versions of a program have in common, and what not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentProgramName } from "mai-orchestration-testkit";
import { repositoryRoot } from "../lib/repository.ts";
import { runCommand } from "../lib/run-command.ts";

export interface Difference {
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

export function compare(before: ReadonlySet<string>, after: ReadonlySet<string>): Difference {
  return {
    gone: [...before].filter((one) => !after.has(one)).sort(),
    come: [...after].filter((one) => !before.has(one)).sort(),
  };
}

const helps: Readonly<Record<AgentProgramName, readonly string[]>> = {
  claude: ["--help"],
  codex: ["exec", "--help"],
  opencode: ["run", "--help"],
  gemini: ["--help"],
  qwen: ["--help"],
};

/** The flags that a program's help names. */
export async function flagsOf(name: AgentProgramName, executable: string): Promise<ReadonlySet<string>> {
  const { output } = await runCommand(executable, helps[name], { cwd: repositoryRoot, timeoutMs: 120_000 });
  return new Set([...output.matchAll(/(?<![\w-])--[a-z][\w-]+/g)].map(([flag]) => flag));
}

/** Every kind of event with the keys it has, of all that was recorded in a folder: `turn.completed: usage.input_tokens`. */
export function shapesIn(folder: string): ReadonlySet<string> {
  const shapes = new Set<string>();
  for (const file of namesIn(folder)) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      const event = eventOf(line);
      if (event === null) continue;
      const kind = [event["type"], event["subtype"], event["method"]].filter(
        (part) => typeof part === "string",
      );
      for (const path of pathsOf(event)) shapes.add(`${kind.join(".") || "answer"}: ${path}`);
    }
  }
  return shapes;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function eventOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const deepest = 3;

function* pathsOf(value: unknown, path = "", depth = 0): Generator<string> {
  if (typeof value !== "object" || value === null || depth >= deepest) {
    if (path !== "") yield path;
    return;
  }
  // What a tool is called with, or a model's name as a key, is no shape.
  for (const [key, entry] of Array.isArray(value)
    ? value.map((one) => ["[]", one] as const)
    : Object.entries(value)) {
    const isData = ["input", "parameters", "rawInput", "models", "headers", "responseHeaders"].includes(key);
    yield* pathsOf(isData ? null : entry, path === "" ? key : `${path}.${key}`, depth + 1);
  }
}
