/** One attempt with an agent program: started, followed, ended, understood. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { messageOf, noUsage } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "../backend.ts";
import { buildPrompt } from "../claude-code/prompt.ts";
import type { ProcessEnd } from "../process/process-options.ts";
import { runProcess } from "../process/run-process.ts";
import { signsOfLife } from "../signs-of-life.ts";
import { outcomeOf } from "./outcome.ts";
import type { Launch, Program } from "./program.ts";
import { nothingTold, type Told } from "./told.ts";

/** The backend that drives a program, one run of it per attempt. @internal */
export function programBackend(program: Program): Backend {
  return {
    name: program.backend,
    statesCost: program.statesCost,
    maxAttempts: 2,
    secrets: secretValues(program.env),
    async run(task, context) {
      const { sessionId } = task;
      const resume = sessionId !== null && program.session.test(sessionId) ? sessionId : null;
      const first = await attempt(program, task, context, resume);
      // A session that is gone (expired, or another machine's) did no work: the task is done in a new one.
      if (first.isGone && !context.signal.aborted)
        return (await attempt(program, task, context, null)).outcome;
      return first.outcome;
    },
  };
}

async function attempt(
  program: Program,
  task: AgentTask,
  context: AgentContext,
  resume: string | null,
): Promise<{ outcome: AgentOutcome; isGone: boolean }> {
  const added = { ...program.env, ...task.task.env };
  const folder = mkdtempSync(join(tmpdir(), "mai-launch-"));
  try {
    const launch = program.launch({ resume, folder, env: { ...process.env, ...added } });
    const prompt = buildPrompt(task, resume !== null);
    const { end, told, stalled } = await follow(
      program,
      launch,
      prompt,
      { ...launch.env, ...added },
      task,
      context,
    );
    const complaint = told.sessionId === null ? told.plainLine : "";
    const isGone = resume !== null && end.cause === "exited" && program.sessionGone.test(complaint);
    return { outcome: withinWorkspace(outcomeOf(program, end, told, stalled), context.workspace), isGone };
  } catch (error) {
    const reason = `${program.name} could not be prepared: ${messageOf(error)}`;
    return {
      outcome: { type: "failed", kind: "permanent", reason, output: "", usage: noUsage },
      isGone: false,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function follow(
  program: Program,
  launch: Launch,
  prompt: string,
  env: Readonly<Record<string, string>>,
  task: AgentTask,
  context: AgentContext,
): Promise<{ end: ProcessEnd; told: Told; stalled: boolean }> {
  let told = nothingTold;
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), program.patienceMs);
  const end = await runProcess({
    command: launch.command,
    cwd: context.workspace,
    env,
    envPrefixes: program.prefixes,
    stdin: prompt,
    outputFile: context.outputFile,
    mark: context.mark,
    signal: AbortSignal.any([context.signal, stall.signal]),
    ...signsOfLife(task, context),
    onLine(line) {
      const before = told;
      told = launch.fold(before, line);
      tell(before, told, context);
      clearTimeout(timer);
      if (told.waits && told.ending === null) timer = setTimeout(() => stall.abort(), program.patienceMs);
      return told.ending === null ? undefined : "done";
    },
  });
  clearTimeout(timer);
  const stalled = stall.signal.aborted && !context.signal.aborted && told.ending === null;
  return { end, told: launch.finish?.(told) ?? told, stalled };
}

/** Passes on what is new for those who watch. @internal */
export function tell(before: Told, after: Told, { report }: AgentContext): void {
  if (after.sessionId !== null && after.sessionId !== before.sessionId)
    report({ sessionId: after.sessionId });
  if (after.now !== "" && after.now !== before.now) report({ message: after.now });
}

/** Files of the workspace as seen from there; others as they are. @internal */
export function withinWorkspace(outcome: AgentOutcome, workspace: string): AgentOutcome {
  if (outcome.artifacts === undefined) return outcome;
  const artifacts = outcome.artifacts.map((file) => {
    const path = isAbsolute(file) ? relative(workspace, file) : file;
    return path === "" || path.startsWith("..") ? file : path;
  });
  return { ...outcome, artifacts };
}
