/** The process runner and the agents of mai-orchestration-framework. See docs/ARCHITECTURE.md. */
export * from "./process/run-process.ts";
export * from "./process/custody.ts";
