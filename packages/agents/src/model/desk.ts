/** What one attempt of a model has at hand: its tools' work, what they were refused, and the files they wrote. */
import { appendFile } from "node:fs/promises";
import { messageOf } from "mai-orchestration-core";
import type { AgentContext, AgentTask } from "mai-orchestration-engine";
import { runProcess } from "../process/run-process.ts";
import { oneLine, tailOf } from "../text.ts";
import { isAllowed } from "./allowed-command.ts";
import type { ResolvedModelOptions } from "./options.ts";
import { Refusal } from "./workspace-files.ts";

const longestTold = 16 * 1024;
const commandTimeoutMs = 600_000;
const mostIssues = 50;
const mostFiles = 200;

/** @internal */
export interface Desk {
  readonly issues: readonly string[];
  readonly written: readonly string[];
  /** Does one use of a tool after the other; what it throws is told to the model, a refusal to people too. */
  use(tool: string, what: string, work: () => Promise<string>): Promise<string>;
  /** Runs a shell command if it may be run, and tells how it ended. */
  run(command: string): Promise<string>;
  wrote(file: string): void;
  /** Keeps words in the attempt's output file. */
  note(text: string): void;
  /** Resolves when all notes are kept. */
  noted(): Promise<void>;
}

/** @internal */
export function openDesk(options: ResolvedModelOptions, agentTask: AgentTask, context: AgentContext): Desk {
  const issues: string[] = [];
  const written = new Set<string>();
  // One after the other: two commands must not share the output file, nor two edits a file.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  const note = (text: string): void => {
    inTurn(() => appendFile(context.outputFile, text)).catch(() => {});
  };

  return {
    issues,
    get written() {
      return [...written];
    },
    async use(tool, what, work) {
      context.signal.throwIfAborted();
      const summary = `${tool} (${oneLine(what, 160)})`;
      context.report({ message: summary });
      note(`> ${summary}\n`);
      return inTurn(async () => {
        context.signal.throwIfAborted();
        try {
          return await work();
        } catch (error) {
          if (error instanceof Refusal && issues.length < mostIssues)
            issues.push(`denied: ${summary}: ${error.message}`);
          throw new Error(oneLine(messageOf(error)));
        }
      });
    },
    async run(command) {
      await permit(command, options, agentTask, context);
      return runCommand(command, options, agentTask, context);
    },
    wrote(file) {
      if (written.size < mostFiles) written.add(file);
    },
    note,
    noted: () => inTurn(async () => {}),
  };
}

async function permit(
  command: string,
  { permissions, allow, onPermission }: ResolvedModelOptions,
  { runId, task, attempt }: AgentTask,
  { signal }: AgentContext,
): Promise<void> {
  if (permissions === "full" || isAllowed(command, allow)) return;
  if (onPermission === null) throw new Refusal("this command is not allowed here");
  const summary = `run_command (${oneLine(command, 160)})`;
  const request = { runId, taskId: task.taskId, attempt, tool: "run_command", summary, signal };
  // Whoever decides may never do so; an attempt that is stopped does not wait for it.
  const answer = await Promise.race([
    Promise.resolve(onPermission({ ...request, input: { command } })),
    aborted(signal),
  ]);
  if (answer === "allow") return;
  throw new Refusal(
    typeof answer === "object" && answer !== null ? String(answer.deny) : "this is not allowed here",
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function runCommand(
  command: string,
  options: ResolvedModelOptions,
  { task }: AgentTask,
  context: AgentContext,
): Promise<string> {
  const { workspace: cwd, outputFile, mark, signal } = context;
  const end = await runProcess({
    command: ["sh", "-c", command],
    ...{ cwd, outputFile, mark, signal, timeoutMs: commandTimeoutMs },
    env: { ...options.env, ...task.env },
    onAlive: () => context.report({}),
  });
  const printed = tailOf(end.tail, longestTold);
  if (end.cause === "not-started") throw new Error(end.startFailure?.message ?? "it could not be started");
  if (end.cause === "timeout") return `${printed}\n(ended after ${commandTimeoutMs / 60_000} minutes)`;
  return `${printed}\n(${end.exitCode === null ? `ended by ${end.exitSignal}` : `exit code ${end.exitCode}`})`;
}
