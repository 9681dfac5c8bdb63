/** Plans whose tasks carry scripts for the fake model, and what those scripts say will be used. */
import type { Usage } from "mai-orchestration-core";
import { type FakeScript, type FakeStep, type FakeUsage, script } from "mai-orchestration-testkit";

/** US dollars for a million tokens, as the pinned version of Claude Code knows them for the model of the tests. */
const prices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

export interface ScriptedTask {
  readonly id: string;
  readonly type: "implementation" | "test" | "review" | "research";
  readonly script?: FakeScript;
  /** Further keys of the task. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A plan as YAML, each task's script in its description. */
export function planText(options: Readonly<Record<string, unknown>>, tasks: readonly ScriptedTask[]): string {
  const head = Object.entries({ version: 1, ...options }).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)}`,
  );
  return [...head, "tasks:", ...tasks.map(taskText)].join("\n");
}

function taskText({ id, type, script: steps, more = {} }: ScriptedTask): string {
  const scripted = steps === undefined ? [] : [`      ${script(steps)}`];
  return [
    `  - id: ${id}`,
    `    type: ${type}`,
    "    description: |",
    `      Do what ${id} is about.`,
    ...scripted,
    `    success_criteria: ${id} is done`,
    ...Object.entries(more).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
  ].join("\n");
}

/** What turns use, summed: steps that are errors in every attempt given here must be left out. */
export function usageOf(steps: readonly FakeStep[]): Usage {
  const sum = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const { usage } of steps) {
    const { input = 1000, output = 50, cacheRead = 0, cacheWrite = 0 }: FakeUsage = usage ?? {};
    sum.input += input;
    sum.output += output;
    sum.cacheRead += cacheRead;
    sum.cacheWrite += cacheWrite;
  }
  const dollars =
    sum.input * prices.input +
    sum.output * prices.output +
    sum.cacheRead * prices.cacheRead +
    sum.cacheWrite * prices.cacheWrite;
  return {
    inputTokens: sum.input,
    outputTokens: sum.output,
    cacheReadTokens: sum.cacheRead,
    cacheWriteTokens: sum.cacheWrite,
    costUsd: dollars / 1e6,
  };
}
