/**
 * Where a conversation stands in its script, read from the conversation alone.
 *
 * The anchor is the last user message that carries a script or, once there is
 * a script, a line `Attempt N`. So both kinds of resumed session work: one
 * whose new prompt is complete, and one whose new prompt only says what went
 * wrong. The step is the number of model turns since the anchor. Results of
 * tools are never searched: a tool may read a file that holds a script.
 */
import { extractScripts } from "./extract.ts";
import { readScript } from "./read-script.ts";
import type { FakeCondition, FakeScript, FakeStep } from "./script.ts";
import type { Message } from "./wire.ts";

/** @internal */
export interface Position {
  /** The steps that count in this attempt. */
  readonly steps: readonly FakeStep[];
  /** The index of the step to do now; `steps.length` and more when the script is over. */
  readonly index: number;
  readonly attempt: number;
  /** The text of the anchor without its scripts. */
  readonly prompt: string;
}

/** `null` for a conversation without a script. Throws when a script is not one. @internal */
export function locate(messages: readonly Message[]): Position | null {
  let script: FakeScript | null = null;
  let anchor = { at: -1, attempt: 1, prompt: "" };
  for (const [at, message] of messages.entries()) {
    if (message.role !== "user") continue;
    const { sources, rest, problem } = extractScripts(message.text);
    if (problem !== null) throw new Error(problem);

    const source = sources.at(-1);
    const attempt = attemptIn(rest);
    if (source !== undefined) script = readScript(source);
    else if (script === null || attempt === null) continue;
    anchor = { at, attempt: attempt ?? 1, prompt: rest };
  }
  if (script === null) return null;

  return {
    steps: stepsOf(script, anchor.attempt).filter((step) => holds(step.when, anchor.prompt)),
    index: messages.slice(anchor.at + 1).filter((message) => message.role === "model").length,
    attempt: anchor.attempt,
    prompt: anchor.prompt,
  };
}

/**
 * The number on a line of its own such as `Attempt 2`, `Attempt: 2`, `## Attempt 2 of 3`. The largest one, because
 * clients merge the prompts of attempts that the model never answered into one message.
 */
function attemptIn(text: string): number | null {
  const lines = text.matchAll(/^[ \t#*]*attempt:?[ \t]+(\d{1,6})(?:[ \t]+of[ \t]+\d+)?[ \t.:*]*$/gim);
  const numbers = [...lines].map(([, number]) => Number(number));
  return numbers.length === 0 ? null : Math.max(...numbers);
}

function stepsOf(script: FakeScript, attempt: number): readonly FakeStep[] {
  if (!("attempts" in script)) return script;
  const last = script.attempts.length - 1;
  return script.attempts[Math.min(Math.max(attempt - 1, 0), last)] ?? [];
}

function holds(condition: FakeCondition | undefined, prompt: string): boolean {
  const { promptIncludes, promptLacks } = condition ?? {};
  if (promptIncludes !== undefined && !prompt.includes(promptIncludes)) return false;
  return promptLacks === undefined || !prompt.includes(promptLacks);
}
