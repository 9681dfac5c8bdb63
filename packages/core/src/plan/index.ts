/** The shape of a plan: one table of keys for its reader and its schema. */

export * from "./check-agents.ts";
export * from "./problem.ts";
export * from "./read-plan.ts";
export * from "./read-shape.ts";
export * from "./schema.ts";
export * from "./schema-of.ts";
export * from "./shape.ts";
