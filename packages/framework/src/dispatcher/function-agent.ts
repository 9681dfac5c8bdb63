/** Agents that are plain functions of this process. */
import { withStructuredOutput } from "mai-orchestration-agents";
import type { FarmTask, Usage } from "mai-orchestration-core";
import { copyTask, messageOf, noUsage, unknownUsage } from "mai-orchestration-core";
import type { AgentConfig } from "mai-orchestration-core/seed";
import type { Agent, AgentContext, AgentOutcome, AgentReport, AgentTask } from "mai-orchestration-engine";

/** What a function is given beside its task. @public */
export interface FunctionTools {
  /** Which attempt at the task this is, from 1. */
  readonly attempt: number;
  /** Why the attempt before did not succeed, such as the output of a failed check; `null` on the first. */
  readonly feedback: string | null;
  /** Aborts on cancel, timeout and shutdown: stop the work, then settle. */
  readonly signal: AbortSignal;
  /** Shows progress (percent) or a line for people. */
  report(report: AgentReport): void;
  /** The directory to work in, absolute. */
  readonly workspace: string;
}

/** What a function may return instead of a text. @public */
export interface FunctionOutput {
  readonly output?: string;
  readonly artifacts?: readonly string[];
  readonly issues?: readonly string[];
  /** For a task with an `outputSchema`: plain data that fits it. @defaultValue read from `output` */
  readonly structuredOutput?: unknown;
  /** Tokens and cost, when the function used a model. @defaultValue none used */
  readonly usage?: Usage;
}

/**
 * The work of a function agent. What it returns is the task's output; what it
 * throws fails the attempt.
 *
 * @public
 */
export type FunctionRun = (
  task: FarmTask,
  tools: FunctionTools,
) => string | FunctionOutput | undefined | Promise<string | FunctionOutput | undefined>;

/** An agent that carries its own way to run. @public */
export interface FunctionAgentConfig extends AgentConfig {
  backend?: "function";
  run: FunctionRun;
}

/**
 * Makes an agent of a function, to be given to `registerAgent` or
 * `new Orchestrator({ agents })`.
 *
 * @example
 * const echo = functionAgent({
 *   id: "echo",
 *   capabilities: ["research"],
 *   maxConcurrent: 2,
 *   run: async (task) => task.description,
 * });
 *
 * @public
 */
export function functionAgent(
  options: Pick<FunctionAgentConfig, "id" | "capabilities" | "maxConcurrent" | "run"> & { name?: string },
): FunctionAgentConfig {
  const { id, name = id, capabilities, maxConcurrent, run } = options;
  return {
    id,
    name,
    capabilities: [...capabilities],
    maxConcurrent,
    currentLoad: 0,
    backend: "function",
    run,
  };
}

/** The engine's view of a function agent. */
export function agentOfFunction(config: FunctionAgentConfig): Agent {
  const { id, capabilities, maxConcurrent, run } = config;
  return {
    agentId: id,
    backend: "function",
    capabilities,
    maxConcurrent,
    commands: false,
    prose: true,
    maxAttemptsFor: () => 1,
    run: (asked, context) => callFunction(run, asked, context),
  };
}

async function callFunction(
  run: FunctionRun,
  asked: AgentTask,
  context: AgentContext,
): Promise<AgentOutcome> {
  try {
    // A copy: what the function does to its task must not change what was queued.
    const outcome = outcomeOf(await run(copyTask(asked.task), toolsOf(asked, context)));
    return withStructuredOutput(asked.task, outcome);
  } catch (error) {
    return failureOf(messageOf(error));
  }
}

/** A reason is one line; what has more is the output. */
function failureOf(message: string): AgentOutcome {
  const reason = message.trim().replace(/\s*[\r\n]+\s*/g, " ") || "the function failed without a message";
  const output = /[\r\n]/.test(message.trim()) ? message : "";
  return { type: "failed", reason, kind: "task", output, usage: noUsage };
}

function toolsOf({ attempt, feedback }: AgentTask, context: AgentContext): FunctionTools {
  return {
    attempt,
    feedback,
    workspace: context.workspace,
    report: (report) => context.report(report),
    /** Made only for those who look: a controller costs more than many a function's work. */
    get signal() {
      return context.signal;
    },
  };
}

/** Functions may come from callers without a type checker: what cannot be kept fails the attempt, saying so. */
function outcomeOf(said: unknown): AgentOutcome {
  if (said === undefined || said === null) return { type: "answered", output: "", usage: noUsage };
  if (typeof said === "string") return { type: "answered", output: said, usage: noUsage };
  if (typeof said !== "object") throw new Error(`the function returned a ${typeof said}, ${expected}`);
  const { output = "", artifacts = [], issues = [], structuredOutput, usage } = said as FunctionOutput;
  if (typeof output !== "string")
    throw new Error(`the function's \`output\` is a ${typeof output}, ${expected}`);
  if (!isTexts(artifacts)) throw new Error("the function's `artifacts` are not a list of texts");
  if (!isTexts(issues)) throw new Error("the function's `issues` are not a list of texts");
  return {
    type: "answered",
    output,
    artifacts: [...artifacts],
    issues: [...issues],
    ...(structuredOutput !== undefined && { structuredOutput }),
    usage: usage === undefined ? noUsage : { ...unknownUsage, ...usage },
  };
}

const expected = "not a text or { output, artifacts, issues, structuredOutput, usage }";

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
