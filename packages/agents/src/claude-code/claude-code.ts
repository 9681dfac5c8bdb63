/** The backend that drives Claude Code, one program run per attempt. */
import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { noUsage } from "mai-orchestration-core";
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "../backend.ts";
import { adoptProcess } from "../process/adopt-process.ts";
import type { ProcessEnd } from "../process/process-options.ts";
import { runProcess } from "../process/run-process.ts";
import { signsOfLife } from "../signs-of-life.ts";
import { classify } from "./classify.ts";
import { argumentsOf, claudeEnvironment, claudePrefixes, claudeWithheld } from "./command-line.ts";
import { type ClaudeCodeOptions, type ResolvedClaudeOptions, resolveClaudeOptions } from "./options.ts";
import { buildPrompt, longestPromptBytes } from "./prompt.ts";
import { type ClaudeStream, callUnderWay, emptyStream, foldLine, reportOf } from "./stream.ts";

/**
 * Does tasks with Claude Code (`claude -p`), prompt on stdin. Throws
 * `agent.invalid` for options that could never work; whether the program is
 * installed shows when a task runs.
 *
 * @public
 */
export function claudeCode(options: ClaudeCodeOptions = {}): Backend {
  const resolved = resolveClaudeOptions(options);
  return {
    name: "claude-code",
    maxAttempts: 2,
    run: (task, context) => attempt(resolved, task, context),
    adopt,
  };
}

async function attempt(
  options: ResolvedClaudeOptions,
  agentTask: AgentTask,
  context: AgentContext,
): Promise<AgentOutcome> {
  const { task } = agentTask;
  const env = { ...claudeEnvironment, ...options.env, ...task.env };
  const resume = findSession(agentTask.sessionId, { ...process.env, ...env });
  const prompt = buildPrompt(agentTask, resume !== null);
  const bytes = Buffer.byteLength(prompt);
  if (bytes > longestPromptBytes) {
    const reason = `the task is ${bytes} bytes long; Claude Code takes at most ${longestPromptBytes}`;
    return { type: "failed", kind: "permanent", reason, output: "", usage: noUsage };
  }
  const reader = readerOf(resume !== null, context);
  const end = await runProcess({
    command: [options.executable, ...argumentsOf(options, resume)],
    cwd: context.workspace,
    env,
    envPrefixes: claudePrefixes,
    envWithheld: claudeWithheld,
    stdin: prompt,
    outputFile: context.outputFile,
    mark: context.mark,
    signal: context.signal,
    ...signsOfLife(agentTask, context),
    onLine: reader.onLine,
  });
  return outcomeOf(end, reader, context);
}

/** Its result line is the end of the work, and tells all there is to tell; without one nothing can be told. */
async function adopt(agentTask: AgentTask, context: AgentContext): Promise<AgentOutcome | null> {
  // Whether a later attempt continued a session is not known any more: then its costs are not either.
  const reader = readerOf(agentTask.attempt > 1, context);
  const end = await adoptProcess({
    outputFile: context.outputFile,
    exitFile: null,
    mark: context.mark,
    signal: context.signal,
    onAlive: signsOfLife(agentTask, context).onAlive,
    onLine: reader.onLine,
  });
  return end === null ? null : outcomeOf(end, reader, context);
}

interface Reader {
  stream: ClaudeStream;
  onLine(line: string): "done" | undefined;
}

function readerOf(resumed: boolean, { report }: AgentContext): Reader {
  const reader: Reader = {
    stream: emptyStream(resumed),
    onLine(line) {
      const before = reader.stream.calls;
      reader.stream = foldLine(reader.stream, line);
      const said = reportOf(line);
      const calls = reader.stream.calls === before ? {} : { call: callUnderWay(reader.stream) };
      if (said !== null || "call" in calls) report({ ...said, ...calls });
      return reader.stream.result === null ? undefined : "done";
    },
  };
  return reader;
}

function outcomeOf(end: ProcessEnd, { stream }: Reader, { workspace }: AgentContext): AgentOutcome {
  const outcome = classify(end, stream);
  if (outcome.artifacts === undefined) return outcome;
  return { ...outcome, artifacts: outcome.artifacts.map((file) => inside(workspace, file)) };
}

/**
 * The session, if Claude Code still has it. One that is gone (they are kept
 * for thirty days, on the machine that had them) would only fail the attempt.
 */
function findSession(
  sessionId: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (sessionId === null || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(sessionId)) return null;
  const projects = join(configFolder(env), "projects");
  try {
    const exists = readdirSync(projects).some((project) =>
      isFile(join(projects, project, `${sessionId}.jsonl`)),
    );
    return exists ? sessionId : null;
  } catch {
    return null;
  }
}

/** Where Claude Code keeps its settings, sessions and credentials. @internal */
export function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env["CLAUDE_CONFIG_DIR"] ?? join(env["HOME"] ?? homedir(), ".claude");
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A file of the workspace as seen from there; others as they are. */
function inside(workspace: string, file: string): string {
  const path = isAbsolute(file) ? relative(workspace, file) : file;
  return path === "" || path.startsWith("..") ? file : path;
}
