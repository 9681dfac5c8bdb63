/** The rules of mai-orchestration-framework: pure, and without a dependency. See docs/ARCHITECTURE.md. */

export * from "./demand.ts";
export * from "./duration.ts";
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
export * from "./seed/agent-config.ts";
export * from "./seed/agent-registry.ts";
export * from "./seed/agent-status.ts";
export { type AggregatedResults, aggregateResults, isOverallSuccess } from "./seed/aggregated-results.ts";
export * from "./seed/create-farm-task.ts";
export * from "./seed/event-emitter.ts";
export * from "./seed/format-results.ts";
export * from "./seed/logging-event-handler.ts";
export * from "./seed/orchestration-event.ts";
export * from "./seed/result-aggregator.ts";
export * from "./task.ts";
export * from "./usage.ts";
