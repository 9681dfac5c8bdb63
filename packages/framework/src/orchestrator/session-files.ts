/** Where an orchestrator's run is kept, and where its files go. */
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { memoryStore, type Store, systemClock } from "mai-orchestration-engine";
import type { Durability } from "mai-orchestration-sqlite";
import { openStore } from "../execution/state-folder.ts";
import type { OrchestratorOptions } from "./options.ts";

/** What says where a session's run is kept. @internal */
export interface Kept {
  readonly store: OrchestratorOptions["store"];
  readonly durability: Durability;
  /** Where files go that attempts print when the store is in memory. */
  readonly outputDir: string | undefined;
  /** Whether a store named by its path must be there already. */
  readonly mustExist: boolean;
}

/** The file of the store; `null` in memory. @internal */
export function storePathOf({ store }: Pick<Kept, "store">): string | null {
  if (typeof store === "string") return resolve(store);
  return store === undefined || store.name === "memory" ? null : store.name;
}

/** @internal */
export function openStoreOf({ store, mustExist, durability }: Kept): Store {
  if (typeof store === "object") return store;
  if (store === undefined) return memoryStore(systemClock);
  return openStore(resolve(store), systemClock, { mustExist, durability });
}

/** The folder of what attempts print. @internal */
export function logsOf(kept: Pick<Kept, "store" | "outputDir">): string {
  const storePath = storePathOf(kept);
  if (storePath !== null) return join(dirname(storePath), "logs");
  return kept.outputDir ?? join(tmpdir(), `mai-outputs-${process.pid}`);
}

/** The folder of receipts; `null` when the store is in memory. @internal */
export function receiptsOf(kept: Pick<Kept, "store">): string | null {
  const storePath = storePathOf(kept);
  return storePath === null ? null : join(dirname(storePath), "receipts");
}
