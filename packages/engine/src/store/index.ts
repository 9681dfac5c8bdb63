/** What a store that is embedded in its caller's process is built on: all of its logic, over a table of rows. */

export { systemClock } from "../system-clock.ts";
export { claim } from "./claim.ts";
export { type Calls, embeddedStore, storeOver } from "./embedded-store.ts";
export { foldJournal } from "./restore.ts";
export type { ReadyKey, Table } from "./table.ts";
