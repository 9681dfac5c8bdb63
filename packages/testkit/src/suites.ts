/** Conformance suites, to be called in a vitest file. */

export * from "./agent-checks.ts";
export * from "./agent-harness.ts";
export * from "./agent-suite.ts";
export * from "./agent-troubles.ts";
export * from "./check-trouble.ts";
export * from "./store-harness.ts";
export * from "./store-suite.ts";
