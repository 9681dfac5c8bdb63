/** The backend for tasks that are a shell command. */
import { noUsage } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { AgentOutcome } from "mai-orchestration-engine";
import type { Backend } from "./backend.ts";
import { adoptProcess } from "./process/adopt-process.ts";
import { exitFileOf, recordingCommand } from "./process/exit-record.ts";
import type { ProcessEnd } from "./process/process-options.ts";
import { runProcess } from "./process/run-process.ts";
import { signsOfLife } from "./signs-of-life.ts";
import { lastLineOf } from "./text.ts";

/** What holds for every command that an agent runs. @public */
export interface CommandOptions {
  /** Variables for every command of this agent; a task's own come on top. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a task's `command` with `sh -c` in its workspace. Exit code 0 is an
 * answer, with the last 64 KB printed as its output.
 *
 * @public
 */
export function commandBackend(options: CommandOptions = {}): Backend {
  return {
    name: "command",
    maxAttempts: 1,
    secrets: secretValues(options.env ?? {}),
    async run(agentTask, context) {
      const { task } = agentTask;
      const { workspace, outputFile, mark, signal, report } = context;
      if (task.command === undefined) return failed("task", "the task has no command", "");
      const end = await runProcess({
        command: recordingCommand(["sh", "-c", task.command], exitFileOf(outputFile)),
        cwd: workspace,
        env: { ...options.env, ...task.env },
        outputFile,
        mark,
        signal,
        ...signsOfLife(agentTask, context),
        onGrowth: (tail) => report({ message: lastLineOf(tail) }),
      });
      return outcomeOf(end);
    },
    async adopt(agentTask, context) {
      const { outputFile, mark, signal, report } = context;
      const end = await adoptProcess({
        outputFile,
        exitFile: exitFileOf(outputFile),
        mark,
        signal,
        onAlive: signsOfLife(agentTask, context).onAlive,
        onGrowth: (tail) => report({ message: lastLineOf(tail) }),
      });
      return end === null ? null : outcomeOf(end);
    },
  };
}

function outcomeOf(end: ProcessEnd): AgentOutcome {
  if (end.cause === "not-started") return failed("permanent", end.startFailure?.message ?? "not started", "");
  if (end.cause === "aborted") return failed("task", "ended on request", end.tail);
  if (end.exitCode === 0) return { type: "answered", output: end.tail, usage: noUsage };
  const how =
    end.exitCode === null ? `ended by ${end.exitSignal ?? "a signal"}` : `exit code ${end.exitCode}`;
  const said = lastLineOf(end.tail);
  return failed("task", said === "" ? how : `${how}: ${said}`, end.tail);
}

function failed(kind: "task" | "permanent", reason: string, output: string): AgentOutcome {
  return { type: "failed", kind, reason, output, usage: noUsage };
}
