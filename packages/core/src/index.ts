/**
 * The rules of mai-orchestration-framework: pure, and without a dependency. Some rooms have doors of their own, so that
 * whoever does not need the others does not load them: `./errors`, `./integrity`, `./plan`, `./redact` and `./seed`. See
 * docs/ARCHITECTURE.md.
 */

export * from "./agent-profile.ts";
export * from "./council.ts";
export * from "./delivery.ts";
export * from "./demand.ts";
export * from "./duration.ts";
export * from "./error.ts";
export * from "./farm-result.ts";
export * from "./graph.ts";
export { invariant } from "./invariant.ts";
export type * from "./lifecycle/commands.ts";
export * from "./lifecycle/consequences.ts";
export * from "./lifecycle/decide.ts";
export type * from "./lifecycle/events.ts";
export * from "./lifecycle/evolve.ts";
export * from "./lifecycle/task-state.ts";
export * from "./nearest.ts";
export * from "./order.ts";
export * from "./output-schema.ts";
export * from "./result.ts";
export * from "./retry.ts";
export * from "./spending.ts";
export * from "./task.ts";
export * from "./usage.ts";
