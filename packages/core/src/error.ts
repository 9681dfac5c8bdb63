/**
 * Every code this library throws. A code is public API: added freely, renamed
 * only in a major version.
 *
 * @public
 */
export type MaiErrorCode =
  | "agent.invalid"
  | "agent.not-installed"
  | "agent.unknown"
  | "batch.empty"
  | "batch.invalid-option"
  | "batch.missing-dependency"
  | "batch.unknown-task"
  | "cli.not-installed"
  | "cli.usage"
  | "config.invalid"
  | "council.held"
  | "council.invalid-option"
  | "council.unreadable"
  | "local-md.unwritable"
  | "orchestrator.closed"
  | "orchestrator.invalid-option"
  | "plan.cycle"
  | "plan.duplicate-id"
  | "plan.invalid"
  | "plan.no-agent"
  | "plan.not-found"
  | "plan.unknown-dependency"
  | "run.key-used"
  | "run.not-found"
  | "run.stopped"
  | "run.task-not-found"
  | "state.invalid"
  | "state.newer-version"
  | "store.busy"
  | "store.closed"
  | "store.conflict"
  | "store.failed"
  | "store.invalid-option"
  | "store.newer-version"
  | "store.not-found"
  | "store.not-installed"
  | "store.not-ours"
  | "task.blocked"
  | "task.conflict"
  | "task.invalid"
  | "task.not-waiting"
  | "task.succeeded"
  | "transcript.unreadable"
  | "workspace.salvage-not-found"
  | "workspace.unusable";

/**
 * The one class the library throws. Tell errors apart by `code`, not by
 * message or subclass.
 *
 * @public
 */
export class MaiError extends Error {
  override readonly name = "MaiError";
  readonly code: MaiErrorCode;
  /** What the reader can do next, in one sentence. The command line prints it under the message. */
  readonly hint: string | undefined;

  constructor(code: MaiErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/**
 * Whether `error` is a {@link MaiError}. Unlike `instanceof`, also true for an
 * error from a second copy of this package.
 *
 * @public
 */
export function isMaiError(error: unknown): error is MaiError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    "name" in error &&
    error.name === "MaiError"
  );
}

/**
 * The text of anything that was thrown.
 *
 * @internal
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
