/** What a prompt tells the fake model to do: its words, and how they are written into a prompt. */

/** One call of a tool. @public */
export interface FakeToolCall {
  readonly tool: string;
  /** @defaultValue `{}` */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** Tokens that a turn claims to have used. @public */
export interface FakeUsage {
  /** @defaultValue 1000 */
  readonly input?: number;
  /** @defaultValue 50 */
  readonly output?: number;
  /** @defaultValue 0 */
  readonly cacheRead?: number;
  /** @defaultValue 0 */
  readonly cacheWrite?: number;
}

/** When a step counts. A step whose condition does not hold is left out of the script as if it were not written. @public */
export interface FakeCondition {
  /** The prompt, its scripts not counted, contains this text. */
  readonly promptIncludes?: string;
  /** The prompt, its scripts not counted, does not contain this text. */
  readonly promptLacks?: string;
}

/** One turn of the model. @public */
export interface FakeStep {
  readonly when?: FakeCondition;
  /** Said before the calls, if there are any. */
  readonly text?: string;
  /** That many bytes of text instead of `text`, at most 128 MiB. */
  readonly big?: number;
  /** One call; several at once stand in `tools`. */
  readonly tool?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly tools?: readonly FakeToolCall[];
  readonly usage?: FakeUsage;
  /** Why the turn ends, when not because all is said. */
  readonly stop?: "length" | "refusal";
  /** Milliseconds before the first byte, at most 10 minutes. */
  readonly delayMs?: number;
  /** Answers headers and then nothing, until the client or the server goes. */
  readonly hang?: boolean;
  /** Drops the connection after the first event. */
  readonly cut?: boolean;
  /** An HTTP status, 400 to 599, instead of a turn. */
  readonly error?: number;
  /** How often the error is given before the rest of the step is done. @defaultValue always */
  readonly times?: number;
  /** The error is given only while the prompt is that of this attempt or an earlier one. */
  readonly whileAttempt?: number;
  /** Headers of the error, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The steps of one conversation, or of each attempt at a task. The attempt is
 * read from the prompt (a line `Attempt N`; without one it is the first), and
 * attempts past the last list do that list again.
 *
 * @public
 */
export type FakeScript = readonly FakeStep[] | { readonly attempts: readonly (readonly FakeStep[])[] };

/**
 * Renders a script as the block that stands in a prompt. A step's text or
 * input may itself hold such a block, for a sub-agent.
 *
 * @public
 */
export function script(steps: FakeScript): string {
  return `${opening} ${JSON.stringify(steps)} ${closing}`;
}

/** @internal */
export const opening = "<<FAKE";
/** @internal */
export const closing = "FAKE>>";
