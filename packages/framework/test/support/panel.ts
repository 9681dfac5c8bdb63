/** Scripted seats and workers, which write down for what they were paid. */
import { appendFileSync } from "node:fs";
import type { FarmTask } from "mai-orchestration-core";
import { type FunctionAgentConfig, functionAgent } from "../../src/index.ts";

export interface Saying {
  readonly position: string;
  readonly content?: string;
  readonly concerns?: readonly string[];
  readonly recommendations?: readonly string[];
}

/** An answer as a model gives it: with words around. */
export function answer(saying: Saying): string {
  return `Let me think {about} it.\n\n\`\`\`json\n${JSON.stringify({ content: "because", ...saying })}\n\`\`\``;
}

export interface Panel {
  readonly agents: readonly FunctionAgentConfig[];
  /** `taskId#attempt` of every call, in order. */
  readonly calls: string[];
}

/**
 * One agent that speaks for every seat and one that works; the defaults, which need a program, are replaced.
 *
 * @param say - what is answered to a task, by its id
 * @param ledger - a file that gets a line for each call, before it is answered
 */
export function panel(
  say: (task: FarmTask, attempt: number) => string | Promise<string>,
  ledger?: string,
): Panel {
  const calls: string[] = [];
  const work = async (task: FarmTask, attempt: number): Promise<string> => {
    calls.push(`${task.taskId}#${attempt}`);
    if (ledger !== undefined) appendFileSync(ledger, `${task.taskId}\n`);
    return say(task, attempt);
  };
  const agents = (["explore", "general-purpose", "bash"] as const).map((id) =>
    functionAgent({
      id,
      capabilities: id === "explore" ? ["research", "review"] : ["implementation", "test"],
      maxConcurrent: 5,
      run: (task, { attempt }) => work(task, attempt),
    }),
  );
  return { agents, calls };
}
