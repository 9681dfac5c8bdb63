/** How the engine has a success criterion checked. */
import type { Check, Receipt } from "mai-orchestration-core";

/** Where a check runs, and what may stop it. @public */
export interface CheckContext {
  readonly signal: AbortSignal;
  readonly workspace: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Everything the check prints is appended here. */
  readonly outputFile: string;
  readonly mark: string;
}

/** Runs one check and says what it left behind. Never rejects; settles, with all its processes gone, after an abort. @public */
export type RunCheck = (check: Check, context: CheckContext) => Promise<Receipt>;
