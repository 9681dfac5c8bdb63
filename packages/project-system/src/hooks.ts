/** What answers Claude Code's hooks: the original's entry point `mai-project-system/hooks`. */

export type {
  BackgroundTask,
  HookEvent,
  HookPayload,
  HookPayloadBase,
  HookPayloadRead,
  PreCompactPayload,
  SessionEndPayload,
  SessionStartPayload,
  StopPayload,
  SubagentStopPayload,
} from "./hooks/hook-payload.ts";
export { hookEvents } from "./hooks/hook-payload.ts";
export { main } from "./hooks/main.ts";
export type { PreCompactOutcome, PreCompactStats } from "./hooks/pre-compact.ts";
export { runPreCompactHook } from "./hooks/pre-compact.ts";
export { readHookInput } from "./hooks/read-hook-input.ts";
export { readHookPayload } from "./hooks/read-hook-payload.ts";
