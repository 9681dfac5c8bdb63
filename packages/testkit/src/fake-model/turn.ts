/** What is to be answered to a request: pure, from the request alone. */
import { locate } from "./locate.ts";
import type { FakeStep, FakeUsage } from "./script.ts";
import { sideRequest } from "./side-request.ts";
import type { ModelRequest, Turn } from "./wire.ts";

/** @internal */
export interface Reply {
  readonly kind: "step" | "unscripted" | "structured" | "title" | "summary" | "bad-script";
  readonly step: FakeStep;
  /** The step's index in its script; `null` for what is no step. */
  readonly index: number | null;
  readonly attempt: number | null;
  readonly prompt: string;
}

/** @internal */
export function replyTo(request: ModelRequest): Reply {
  const unscripted = { index: null, attempt: null, prompt: request.messages.at(-1)?.text ?? "" };
  try {
    const side = sideRequest(request);
    if (side !== null) return { ...unscripted, kind: side.kind, step: { text: side.text } };

    const position = locate(request.messages);
    if (position === null)
      return { ...unscripted, kind: "unscripted", step: { text: "This prompt carries no script." } };
    const { steps, index, attempt, prompt } = position;
    return { kind: "step", step: steps[index] ?? { text: "The script is over." }, index, attempt, prompt };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    // A status that no client retries, so that whoever wrote the script sees this at once.
    return { ...unscripted, kind: "bad-script", step: { error: 400, text: `Bad script: ${problem}` } };
  }
}

/** Whether the step's error is due, given how often it was given before. @internal */
export function errorIsDue(reply: Reply, timesGiven: number): boolean {
  const { error, times, whileAttempt } = reply.step;
  if (error === undefined) return false;
  if (whileAttempt !== undefined && (reply.attempt ?? 1) > whileAttempt) return false;
  return times === undefined || timesGiven < times;
}

/** @internal */
export function turnOf(step: FakeStep, model: string, newId: () => string): Turn {
  const one = step.tool === undefined ? [] : [{ tool: step.tool, input: step.input ?? {} }];
  const calls = [...one, ...(step.tools ?? [])].map(({ tool, input = {} }) => ({
    id: newId(),
    name: tool,
    input,
  }));
  const said = step.big === undefined ? (step.text ?? null) : "x".repeat(step.big);
  return {
    id: newId(),
    model,
    // A turn with neither text nor calls is nothing that a real model sends.
    text: said ?? (calls.length === 0 ? "" : null),
    calls,
    usage: usageOf(step),
    stop: step.stop ?? (calls.length > 0 ? "tool" : "end"),
  };
}

/** What a step says that it used. @internal */
export function usageOf({ usage }: FakeStep): Required<FakeUsage> {
  const { input = 1000, output = 50, cacheRead = 0, cacheWrite = 0 } = usage ?? {};
  return { input, output, cacheRead, cacheWrite };
}
