/** The backend that drives Claude Code, one program run per attempt. */
import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative } from "node:path";
import { type FarmTask, noUsage } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "../backend.ts";
import { adoptProcess } from "../process/adopt-process.ts";
import type { ProcessEnd } from "../process/process-options.ts";
import { runProcess } from "../process/run-process.ts";
import { programFacts } from "../program/programs.ts";
import { signsOfLife } from "../signs-of-life.ts";
import { classify } from "./classify.ts";
import { argumentsOf, claudeEnvironment, claudeWithheld } from "./command-line.ts";
import { converse } from "./control.ts";
import { type Json, parseLine } from "./json.ts";
import {
  type ClaudeCodeOptions,
  isSessionId,
  longestArgumentBytes,
  type ResolvedClaudeOptions,
  resolveClaudeOptions,
} from "./options.ts";
import { buildPrompt, longestPromptBytes } from "./prompt.ts";
import {
  type ClaudeStream,
  callUnderWay,
  emptyStream,
  foldEvent,
  foldPlain,
  isOver,
  reportOf,
} from "./stream.ts";

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
    statesCost: true,
    maxAttempts: 2,
    secrets: secretValues(resolved.env),
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
  const schema = schemaFor(task);
  const prompt = buildPrompt(agentTask, resume !== null, schema === null ? "message" : "tool");
  const refusal = refusalOf(options, resume, prompt, { ...process.env, ...env });
  if (refusal !== null)
    return { type: "failed", kind: "permanent", reason: refusal, output: "", usage: noUsage };
  const { onPermission } = options;
  const conversation = onPermission && converse(prompt, onPermission, agentTask, context);
  const hear = (event: Json): void => conversation?.hear(event);
  const reader = readerOf(resume !== null || options.forkSession !== null, context, hear);
  const end = await runProcess({
    command: [options.executable, ...argumentsOf(options, { resume, schema })],
    cwd: context.workspace,
    env,
    envPrefixes: programFacts["claude-code"].prefixes,
    envWithheld: claudeWithheld,
    ...(conversation ? { onStdin: conversation.start } : { stdin: prompt }),
    outputFile: context.outputFile,
    mark: context.mark,
    signal: context.signal,
    // An interrupted Claude Code ends its tools at once. Asked by words it always says what it used, by signal
    // mostly: it may exit before that line is out. A terminated one never does.
    interrupt: conversation ? conversation.interrupt : "SIGINT",
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

function readerOf(resumed: boolean, { report }: AgentContext, hear?: (event: Json) => void): Reader {
  const reader: Reader = {
    stream: emptyStream(resumed),
    onLine(line) {
      const { calls } = reader.stream;
      const event = parseLine(line);
      reader.stream = event === null ? foldPlain(reader.stream, line) : foldEvent(reader.stream, event);
      if (event === null) return;
      hear?.(event);
      const said = reportOf(event);
      const call = reader.stream.calls === calls ? {} : { call: callUnderWay(reader.stream) };
      if (said !== null || "call" in call) report({ ...said, ...call });
      return isOver(reader.stream) ? "done" : undefined;
    },
  };
  return reader;
}

function outcomeOf(end: ProcessEnd, { stream }: Reader, { workspace }: AgentContext): AgentOutcome {
  const outcome = classify(end, stream);
  if (outcome.artifacts === undefined) return outcome;
  return { ...outcome, artifacts: outcome.artifacts.map((file) => inside(workspace, file)) };
}

/** What Claude Code takes as the schema of its tool for answers; for all others the prompt asks, and we check. */
function schemaFor({ outputSchema }: FarmTask): string | null {
  if (outputSchema === undefined || outputSchema["type"] !== "object") return null;
  const text = JSON.stringify(outputSchema);
  return Buffer.byteLength(text) > longestArgumentBytes ? null : text;
}

/** Why the attempt cannot even start. */
function refusalOf(
  { forkSession }: ResolvedClaudeOptions,
  resume: string | null,
  prompt: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const bytes = Buffer.byteLength(prompt);
  if (bytes > longestPromptBytes)
    return `the task is ${bytes} bytes long; Claude Code takes at most ${longestPromptBytes}`;
  if (resume === null && forkSession !== null && findSession(forkSession, env) === null)
    return `the session ${forkSession}, which the agent's forkSession names, is not on this machine`;
  return null;
}

/**
 * The session, if Claude Code still has it. One that is gone (they are kept
 * for thirty days, on the machine that had them) would only fail the attempt.
 */
function findSession(
  sessionId: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (sessionId === null || !isSessionId(sessionId)) return null;
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
