/**
 * Claude Code's side of mai-orchestration-framework: what happened in a session
 * (transcripts), what must outlive its context (the block in CLAUDE.local.md),
 * and what Claude Code tells us (hook payloads). It writes what it is given and
 * opens no store. Deterministic, without a model.
 */

export * from "./hooks.ts";
export * from "./parsers.ts";
export * from "./writers.ts";
