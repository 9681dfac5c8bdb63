/** The engine of mai-orchestration-framework: ports, the loop, the memory store. See docs/ARCHITECTURE.md. */
export * from "./ports/clock.ts";
export * from "./ports/agent.ts";
export * from "./ports/checks.ts";
export * from "./ports/custody.ts";
export * from "./ports/store.ts";
export type { ReadyKey, Table } from "./store/table.ts";
export { embeddedStore } from "./store/embedded-store.ts";
export { memoryStore } from "./store/memory-table.ts";
export * from "./ports/roster.ts";
export * from "./ports/workplace.ts";
export { Engine, type EnginePorts, type Observer } from "./loop/engine.ts";
export type { DriveEnd, DriveHandle, DriveOptions } from "./loop/drive.ts";
export { markOf } from "./loop/mark.ts";
export { foldJournal } from "./store/restore.ts";
