/** The rules of mai-orchestration-framework: pure, and without a dependency. See docs/ARCHITECTURE.md. */

export * from "./demand.ts";
export * from "./error.ts";
export * from "./farm-result.ts";
export * from "./graph.ts";
export { invariant } from "./invariant.ts";
export * from "./lifecycle/commands.ts";
export * from "./lifecycle/consequences.ts";
export * from "./lifecycle/decide.ts";
export * from "./lifecycle/events.ts";
export * from "./lifecycle/evolve.ts";
export * from "./lifecycle/task-state.ts";
export * from "./order.ts";
export * from "./result.ts";
export * from "./retry.ts";
export * from "./task.ts";
export * from "./usage.ts";
