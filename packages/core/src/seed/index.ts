/** The names of the original package, kept as they were. */

export type * from "./agent-config.ts";
export * from "./agent-registry.ts";
export * from "./agent-status.ts";
export { type AggregatedResults, aggregateResults, isOverallSuccess } from "./aggregated-results.ts";
export * from "./create-farm-task.ts";
export * from "./event-emitter.ts";
export * from "./format-results.ts";
export * from "./logging-event-handler.ts";
export * from "./orchestration-event.ts";
export * from "./result-aggregator.ts";
