/** The engine of mai-orchestration-framework: ports, the loop, the memory store. See docs/ARCHITECTURE.md. */

export type { DriveEnd, DriveHandle, DriveOptions } from "./loop/drive.ts";
export { Engine } from "./loop/engine.ts";
export type { EnginePorts, Observer } from "./loop/engine-ports.ts";
export { markOf } from "./loop/mark.ts";
export type * from "./ports/agent.ts";
export type * from "./ports/checks.ts";
export type * from "./ports/clock.ts";
export type * from "./ports/custody.ts";
export * from "./ports/roster.ts";
export type * from "./ports/store.ts";
export type * from "./ports/vitals.ts";
export type * from "./ports/workplace.ts";
export * from "./store/index.ts";
export { type MemoryStore, memoryStore } from "./store/memory-store.ts";
export { MemoryTable } from "./store/memory-table.ts";
