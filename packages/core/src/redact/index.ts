export * from "./redact.ts";
export * from "./redact-data.ts";
export * from "./secret-values.ts";
