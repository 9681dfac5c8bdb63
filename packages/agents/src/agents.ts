/** Agents made of backends: who can do which tasks, how many at once, and how. */
import { type FarmTask, MaiError, noUsage, type TaskType } from "mai-orchestration-core";
import type { Agent, AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "./backend.ts";
import { claudeCode } from "./claude-code/claude-code.ts";
import type { ClaudeCodeOptions } from "./claude-code/options.ts";
import { type CommandOptions, commandBackend } from "./command-agent.ts";
import { behindWall, type Sandbox, sandboxes } from "./process/wall.ts";
import { withStructuredOutput } from "./structured-output.ts";

/**
 * What makes an agent of a backend: its id, the types of task it does, and how
 * many attempts at once.
 *
 * @public
 */
export interface AgentIdentity {
  readonly id: string;
  readonly capabilities: readonly TaskType[];
  readonly maxConcurrent: number;
  /**
   * `bwrap`: attempts run behind a wall that nothing inside outlives, whatever it does. Linux, with bubblewrap installed.
   * @defaultValue no wall
   */
  readonly sandbox?: Sandbox;
}

/** An agent of up to two backends: one for tasks with a command, one for tasks in prose. @public */
export interface BackendAgentOptions extends AgentIdentity {
  readonly command?: Backend;
  readonly prose?: Backend;
}

/**
 * An agent that does each task with the backend for its kind.
 *
 * @public
 */
export function backendAgent(options: BackendAgentOptions): Agent {
  const { command, prose } = options;
  if (options.sandbox !== undefined && !sandboxes.includes(options.sandbox)) {
    throw new MaiError("agent.invalid", `Agent ${options.id}: sandbox "${options.sandbox}" is unknown`, {
      hint: `Known ones: ${sandboxes.join(", ")}.`,
    });
  }
  const backendFor = (task: FarmTask): Backend | undefined => (task.command === undefined ? prose : command);
  return {
    agentId: options.id,
    capabilities: options.capabilities,
    maxConcurrent: options.maxConcurrent,
    commands: command !== undefined,
    prose: prose !== undefined,
    backend: [command, prose].flatMap((backend) => backend?.name ?? []).join("+"),
    statesCost: prose?.statesCost === true,
    secrets: [command, prose].flatMap((backend) => backend?.secrets ?? []),
    maxAttemptsFor: (task) => backendFor(task)?.maxAttempts ?? 1,
    async run(task: AgentTask, context: AgentContext): Promise<AgentOutcome> {
      const backend = backendFor(task.task);
      if (backend === undefined) return unfit(options.id, task.task);
      const run = (): Promise<AgentOutcome> => backend.run(task, context);
      const outcome = await (options.sandbox === undefined ? run() : behindWall(context.mark, run));
      return withStructuredOutput(task.task, outcome);
    },
    async adopt(task: AgentTask, context: AgentContext): Promise<AgentOutcome | null> {
      const outcome = (await backendFor(task.task)?.adopt?.(task, context)) ?? null;
      return outcome === null ? null : withStructuredOutput(task.task, outcome);
    },
  };
}

/** An agent for tasks with a `command`. @public */
export function commandAgent(options: AgentIdentity & CommandOptions): Agent {
  return backendAgent({ ...identityOf(options), command: commandBackend(options) });
}

/** An agent for tasks in prose, done by Claude Code. @public */
export function claudeCodeAgent(options: AgentIdentity & ClaudeCodeOptions): Agent {
  return backendAgent({ ...identityOf(options), prose: claudeCode(options) });
}

function identityOf({ id, capabilities, maxConcurrent, sandbox }: AgentIdentity): AgentIdentity {
  return { id, capabilities, maxConcurrent, ...(sandbox && { sandbox }) };
}

function unfit(agentId: string, task: FarmTask): AgentOutcome {
  const kind = task.command === undefined ? "a task without a command" : "a task with a command";
  return {
    type: "failed",
    kind: "permanent",
    reason: `agent ${agentId} cannot do ${kind}`,
    output: "",
    usage: noUsage,
  };
}
