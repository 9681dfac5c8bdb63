/** The engine of mai-orchestration-framework: ports, the loop, the memory store. See docs/ARCHITECTURE.md. */
export * from "./ports/clock.ts";
export * from "./ports/agent.ts";
export * from "./ports/checks.ts";
export * from "./ports/custody.ts";
export * from "./ports/store.ts";
