/** The state of an orchestrator in CLAUDE.local.md, and back: what survives the compaction of a conversation. */
import { MaiError } from "mai-orchestration-core";
import { readStateBlock, writeStateBlock } from "mai-project-system/writers";
import { acceptState, type OrchestrationState } from "./state.ts";

/**
 * Writes the state into mai's block of the file, such as `CLAUDE.local.md`;
 * everything outside the block stays as it is. State that has no room in the
 * block's 4,000 characters goes to `.mai/state/` beside the file, and the block
 * names it. Throws `local-md.unwritable` or `state.newer-version`.
 *
 * @example
 * saveState(orchestrator.getState());
 * // after the compaction, in whatever process
 * await orchestrator.restoreState(loadState());
 *
 * @param path - of the file
 * @public
 */
export function saveState(state: OrchestrationState, path: string = "CLAUDE.local.md"): void {
  writeStateBlock(path, { data: state });
}

/**
 * The state that {@link saveState} wrote, for `restoreState`. Throws
 * `state.invalid` when the file holds none or it was damaged, and
 * `state.newer-version` when a later version of this package wrote it.
 *
 * @param path - of the file
 * @public
 */
export function loadState(path: string = "CLAUDE.local.md"): OrchestrationState {
  const read = readStateBlock(path);
  const problem = read.ok ? `${path} holds no state of an orchestrator` : read.problem;
  if (read.ok && read.data !== undefined) return acceptState(read.data);
  throw new MaiError("state.invalid", `The state cannot be restored: ${problem}`, {
    hint: "Write it with saveState(orchestrator.getState()) first.",
  });
}
