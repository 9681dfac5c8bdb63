/** What the suite of stores must be given to test one. */
import type { Clock, Store } from "mai-orchestration-engine";

/** A store that was made for one test. @public */
export interface OpenedStore {
  readonly store: Store;
  /** Opens what is kept once more, beside `store`, as another process would. Absent when only this process can have it. */
  reopen?(): Promise<Store>;
  /** Closes what is open and removes what is kept. */
  destroy(): Promise<void>;
}

/** Makes an empty store. @public */
export type OpenStore = (clock: Clock) => Promise<OpenedStore>;

/** What the suite must know of a kind of store before it opens any. @public */
export interface StoreTraits {
  /** Tasks of the longest chain and of the widest fan it is given. */
  readonly manyTasks: number;
  /** Random sequences of commands it is held against. */
  readonly randomLives: number;
}
