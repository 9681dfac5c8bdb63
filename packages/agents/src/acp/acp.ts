/** The backend for every agent that speaks the Agent Client Protocol. */
import type * as Sdk from "@agentclientprotocol/sdk";
import { messageOf, noUsage } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "../backend.ts";
import { buildPrompt } from "../claude-code/prompt.ts";
import { runProcess } from "../process/run-process.ts";
import { outcomeOf } from "../program/outcome.ts";
import { tell, withinWorkspace } from "../program/run-program.ts";
import { signsOfLife } from "../signs-of-life.ts";
import { Conversation } from "./conversation.ts";
import { type AcpOptions, type ResolvedAcpOptions, resolveAcpOptions } from "./options.ts";

/** What installs the protocol's SDK, which is loaded when an ACP agent first runs. @public */
export const acpInstallCommand = "npm install @agentclientprotocol/sdk";

/** The agent may take this long to say how its turn ended, after it was asked to stop. */
const cancelMs = 1_000;
/** And this long to go by itself when nobody talks to it any more. */
const lingerMs = 2_000;
const graceMs = 4_000;

/**
 * Does tasks with an agent that speaks ACP over its stdin and stdout. What it
 * asks leave for is decided by `permissions` and `allow`; what it does without
 * asking is up to its own settings. Throws `agent.invalid` for options that
 * could never work; whether the program and the SDK are installed shows when a
 * task runs.
 *
 * @public
 */
export function acp(options: AcpOptions): Backend {
  const resolved = resolveAcpOptions(options);
  return {
    name: "acp",
    maxAttempts: 2,
    secrets: secretValues(resolved.env),
    async run(task, context) {
      let sdk: typeof Sdk;
      try {
        sdk = await import("@agentclientprotocol/sdk");
      } catch (error) {
        const reason = `the SDK of the Agent Client Protocol cannot be loaded (${messageOf(error)}); install it with: ${acpInstallCommand}`;
        return { type: "failed", kind: "permanent", reason, output: "", usage: noUsage };
      }
      return attempt(sdk, resolved, task, context);
    },
  };
}

async function attempt(
  sdk: typeof Sdk,
  options: ResolvedAcpOptions,
  task: AgentTask,
  context: AgentContext,
): Promise<AgentOutcome> {
  const { agent, patienceMs } = options;
  const stop = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const stopAfter = (ms: number): void => void timers.add(setTimeout(() => stop.abort(), ms));
  let stalled = false;
  let patience: NodeJS.Timeout | undefined;

  const talk = new Conversation({
    sdk,
    options,
    workspace: context.workspace,
    prompt: (isContinued) => buildPrompt(task, isContinued),
    resume: task.sessionId,
    signal: context.signal,
    changed(before, after) {
      tell(before, after, context);
      clearTimeout(patience);
      if (after.sessionId === null || !after.waits || after.ending !== null) return;
      patience = setTimeout(() => {
        stalled = true;
        stop.abort();
      }, patienceMs);
    },
  });

  const onAbort = (): void => stopAfter(cancelMs);
  if (context.signal.aborted) stop.abort();
  else context.signal.addEventListener("abort", onAbort, { once: true });
  let spoken: Promise<void> = Promise.resolve();
  const end = await runProcess({
    command: options.command,
    cwd: context.workspace,
    env: { ...options.env, ...task.task.env },
    envPrefixes: agent.prefixes,
    outputFile: context.outputFile,
    mark: context.mark,
    signal: stop.signal,
    graceMs,
    ...signsOfLife(task, context),
    onStdin(stdin) {
      spoken = talk.begin(stdin).then(() => (context.signal.aborted ? stop.abort() : stopAfter(lingerMs)));
    },
    onLine: (line) => talk.take(line),
  });
  talk.end();
  await spoken;
  for (const timer of timers) clearTimeout(timer);
  clearTimeout(patience);
  context.signal.removeEventListener("abort", onAbort);
  const { told } = talk;
  // Who has answered and was then ended by us has done its work.
  const cause =
    told.ending !== null && end.cause === "aborted" && !context.signal.aborted ? "done" : end.cause;
  const names = { ...agent, name: agent.title, patienceMs };
  return withinWorkspace(
    outcomeOf(names, { ...end, cause }, told, stalled && told.ending === null),
    context.workspace,
  );
}
