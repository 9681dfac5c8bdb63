import type { JournalEntry } from "mai-orchestration-core";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { CallQueue } from "./call-queue.ts";
import { storeOver } from "./embedded-store.ts";
import { MemoryTable } from "./memory-table.ts";

/** A store that lives and dies with this process. @public */
export interface MemoryStore extends Store {
  /** The whole journal of a run at this moment, what was called before included. */
  snapshot(runId: string): JournalEntry[];
}

/** Makes an empty store in memory. @public */
export function memoryStore(clock: Clock): MemoryStore {
  const table = new MemoryTable();
  const queue = new CallQueue(table, clock);
  return {
    ...storeOver(table, queue),
    snapshot(runId) {
      queue.flushNow();
      return table.journal(0, runId, Number.MAX_SAFE_INTEGER);
    },
  };
}
