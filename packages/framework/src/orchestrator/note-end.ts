/** What the journal says of a run whose orchestrator is closed. */
import { isMaiError, overallVerdict, runResultOf } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";

/** A run is finished when all its tasks have ended; otherwise it can be taken up again. */
export async function noteEnd(store: Store, runId: string): Promise<void> {
  try {
    const { total, phases } = await store.counts(runId);
    if (total > (phases.ended ?? 0)) {
      // Another process goes on with it.
      if ((await store.held(runId)).length > 0) return;
      const resume = "restoreState() with what getState() returned";
      await store.note(runId, { type: "run.interrupted", reason: "its orchestrator was closed", resume });
      return;
    }
    const results = (await store.tasks({ runId })).map(runResultOf);
    await store.note(runId, { type: "run.finished", verdict: overallVerdict(results), results });
  } catch (error) {
    // Nothing was queued durably, or somebody else closed the store: there is no run to speak of.
    if (!isMaiError(error) || (error.code !== "run.not-found" && error.code !== "store.closed")) throw error;
  }
}
