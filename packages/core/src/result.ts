/** How a task ended, and how far that is proven. */
import type { Usage } from "./usage.ts";

/**
 * How a task ended, in the original's three words; what was cancelled counts as
 * one of the last two.
 *
 * @public
 */
export type ResultStatus = "success" | "failure" | "blocked";

/** How far a result is proven. @public */
export type Verdict = "verified" | "unverified" | "failed" | "blocked" | "cancelled";

/** What a check left behind. @public */
export interface Receipt {
  readonly command: string;
  readonly passed: boolean;
  /** `null` when the check was ended by a signal or its timeout. */
  readonly exitCode: number | null;
  /** SHA-256 of stdout and stderr in the order they came, as `sha256:<hex>`. */
  readonly outputDigest: string;
  /** The last 4 KB of that output. */
  readonly outputTail: string;
  /** Unix milliseconds at which the check started. */
  readonly at: number;
  readonly durationMs: number;
  /** The git tree that the check saw (`git write-tree` of the whole work tree); `null` outside git. */
  readonly tree: string | null;
  /** Whether the tree was another one after the check. */
  readonly treeChanged: boolean;
  /** SHA-256 of the environment that the check ran in, the attempt's own mark left out, as `sha256:<hex>`. */
  readonly environment?: string;
  /** Of a failed check: whether it fails on what the task started from as well. Absent when nobody looked. */
  readonly failsOnBase?: boolean;
}

/** What a person said to a task that waited for that. @public */
export interface Approval {
  /** The attempt it was about; 0 before the first. */
  readonly attempt: number;
  readonly approved: boolean;
  readonly by: string;
  /** What it came through, such as `cli`. */
  readonly via: string;
  readonly note: string | null;
  /** Unix milliseconds. */
  readonly at: number;
}

/** What an attempt in a workspace of its own left, and where that is kept. @public */
export interface Work {
  /** The branch that has it; `null` when it does not count and is only salvaged. */
  readonly branch: string | null;
  /** The ref of work that does not count; `null` when there is none. */
  readonly salvage: string | null;
  /** The commit that holds it. */
  readonly commit: string;
  /** Its tree: what the checks of a success saw. */
  readonly tree: string;
  /** The commit that the task started from. */
  readonly base: string;
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  /** Where the root is no git repository: the folder with the result, absolute; else `null`. */
  readonly folder: string | null;
  /** Why checks that passed prove less than they seem to, each in one line. */
  readonly doubts: readonly string[];
}

/**
 * How a task ended. `status` to `duration` are the original package's fields;
 * everything after is an addition that the engine always sets.
 *
 * @public
 */
export interface FarmResult {
  taskId: string;
  agentId: string;
  status: ResultStatus;
  output: string;
  artifacts?: string[];
  issues?: string[];
  /** Milliseconds from the start of the last attempt to its end. */
  duration?: number;

  verdict?: Verdict;
  /** Why it is not a success, or not verified although it has checks; in one line. */
  reason?: string;
  /** Number of the last attempt; 0 when none was started. */
  attempts?: number;
  receipts?: Receipt[];
  /** Summed over all attempts. */
  usage?: Usage;
  /** The agent program's own session, for continuing it by hand. */
  sessionId?: string;
  /** The file with everything the attempt printed. */
  outputFile?: string;
  /** Whether other attempts worked in the same directory at the same time. */
  sharedWorkspace?: boolean;
  /** The answer as data, checked against the task's `outputSchema`; absent without one. */
  structuredOutput?: unknown;
  /** What the last attempt left in a workspace of its own. */
  work?: Work;
  /** What persons said to it, in order; absent when nobody was asked. */
  approvals?: Approval[];
  /** The id of the decision that the task carried out. */
  decision?: string;
}

/** What {@link createFarmResult} takes beside the required four. @public */
export type FarmResultOptions = Partial<Omit<FarmResult, "taskId" | "agentId" | "status" | "output">>;

/** Builds a result; optional fields that are not given stay absent. @public */
export function createFarmResult(
  taskId: string,
  agentId: string,
  status: ResultStatus,
  output: string,
  options: FarmResultOptions = {},
): FarmResult {
  return { taskId, agentId, status, output, ...options };
}

/** Whether a task ended well, whether or not checks proved it; `verdict` tells these apart. @public */
export function isSuccessResult(result: FarmResult): boolean {
  return result.status === "success";
}
