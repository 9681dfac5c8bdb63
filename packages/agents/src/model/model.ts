/** The backend that asks a model itself, with a few tools of ours: for those who have no agent program. */

import { addUsage, isMaiError, messageOf, noUsage, type Usage, unknownUsage } from "mai-orchestration-core";
import { secretValues } from "mai-orchestration-core/redact";
import type { AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import type { Backend } from "../backend.ts";
import { buildPrompt } from "../claude-code/prompt.ts";
import { headOf, oneLine, outputBytes } from "../text.ts";
import { failureOf, type ModelFailure, unfinished } from "./classify.ts";
import { type Desk, openDesk } from "./desk.ts";
import { type LoadedModel, loadModel } from "./load-model.ts";
import { type ModelOptions, type ResolvedModelOptions, resolveModelOptions } from "./options.ts";
import { toolsFor } from "./tools.ts";
import { usageOf } from "./usage.ts";

/** The SDK's own retries hide an outage for a while; whether to try again after them is the engine's to decide. */
const maxRetries = 2;
const aliveEveryMs = 1_000;

/**
 * Does tasks with a model of the AI SDK: `ai` and the provider's package must
 * be installed, which shows when a task runs. Success is a last message that
 * the model ended by itself. Throws `agent.invalid` for options that could
 * never work.
 *
 * @public
 */
export function model(options: ModelOptions): Backend {
  const resolved = resolveModelOptions(options);
  return {
    name: "model",
    maxAttempts: 2,
    secrets: [...secretValues(resolved.env), ...keyOf(resolved)],
    run: (task, context) => attempt(resolved, task, context),
  };
}

/** The key in a variable that only the options call one. */
function keyOf({ apiKeyVariable }: ResolvedModelOptions): string[] {
  const key = apiKeyVariable === null ? undefined : process.env[apiKeyVariable];
  return key === undefined ? [] : [key];
}

async function attempt(
  options: ResolvedModelOptions,
  agentTask: AgentTask,
  context: AgentContext,
): Promise<AgentOutcome> {
  const desk = openDesk(options, agentTask, context);
  const talk: Talk = { text: "", usage: noUsage, isAsked: false, end: null };
  try {
    context.signal.throwIfAborted();
    const loaded = await loadModel(options, context.root);
    await converse(loaded, desk, talk, options, agentTask, context);
  } catch (error) {
    talk.end = context.signal.aborted ? stopped : failureToStart(error);
  }
  await desk.noted();
  const name = typeof options.model === "string" ? options.model : options.model.modelId;
  return outcomeOf(talk, desk, name, context.signal.aborted);
}

/** What is known of the conversation so far. */
interface Talk {
  /** What the model said last. */
  text: string;
  /** Of the turns that are over. */
  usage: Usage;
  /** Whether a turn is under way, whose usage nobody has stated. */
  isAsked: boolean;
  /** Why it is no answer; `null` as long as nothing went wrong. */
  end: ModelFailure | null;
}

const stopped: ModelFailure = { kind: "task", reason: "ended on request", refused: false };

function failureToStart(error: unknown): ModelFailure {
  if (isMaiError(error)) return { kind: "permanent", reason: oneLine(error.message), refused: true };
  return failureOf(error, Date.now());
}

async function converse(
  { sdk, model: languageModel }: LoadedModel,
  desk: Desk,
  talk: Talk,
  options: ResolvedModelOptions,
  agentTask: AgentTask,
  context: AgentContext,
): Promise<void> {
  const agent = new sdk.ToolLoopAgent({
    model: languageModel,
    instructions: [instructions, options.appendSystemPrompt].filter(Boolean).join("\n\n"),
    tools: toolsFor(sdk, desk, options, context),
    stopWhen: sdk.isStepCount(options.maxTurns),
    maxRetries,
    // Otherwise the SDK writes it to the console; it also comes as a part of the stream.
    onError: () => {},
  });
  const prompt = buildPrompt(agentTask, false);
  talk.isAsked = true;
  const { fullStream } = await agent.stream({ prompt, abortSignal: context.signal });
  let aliveAt = 0;
  for await (const part of fullStream) {
    if (part.type.endsWith("-delta") && Date.now() - aliveAt >= aliveEveryMs) {
      aliveAt = Date.now();
      context.report({});
    }
    switch (part.type) {
      case "start-step":
        talk.isAsked = true;
        talk.text = "";
        break;
      case "text-delta":
        if (talk.text.length < outputBytes) talk.text += part.text;
        desk.note(part.text);
        break;
      case "finish-step":
        talk.isAsked = false;
        talk.usage = addUsage(talk.usage, usageOf(part.usage));
        if (talk.text.trim() !== "") context.report({ message: oneLine(talk.text, 160) });
        desk.note("\n");
        break;
      case "finish": {
        const failure = unfinished(part.finishReason, options.maxTurns);
        if (failure !== null) talk.end ??= { ...failure, refused: false };
        break;
      }
      case "error":
        talk.end ??= failureOf(part.error, Date.now());
        desk.note(`! ${oneLine(messageOf(part.error))}\n`);
    }
  }
}

const instructions =
  "You do a task in a folder of somebody's machine, your workspace, with the tools you are given. Paths are from the workspace, and nothing outside of it can be reached.";

function outcomeOf(talk: Talk, desk: Desk, name: string, isAborted: boolean): AgentOutcome {
  const end = isAborted ? stopped : talk.end;
  // A request that was refused used nothing; one that broke off may have used anything.
  const isUnknown = talk.isAsked ? end !== null && !end.refused : isAborted && talk.usage === noUsage;
  const said = {
    output: headOf(talk.text, outputBytes),
    usage: isUnknown ? unknownUsage : talk.usage,
    ...(!isUnknown && talk.usage !== noUsage && { models: { [name]: talk.usage } }),
    ...(desk.written.length > 0 && { artifacts: desk.written }),
    ...(desk.issues.length > 0 && { issues: desk.issues }),
  };
  if (end === null) return { type: "answered", ...said };
  const { kind, reason, retryAt } = end;
  return { type: "failed", kind, reason, ...said, ...(retryAt !== undefined && { retryAt }) };
}
