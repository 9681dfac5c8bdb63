/** What Claude Code tells a hook: a door for programs that must answer quickly, and so should load little. */

export type {
  BackgroundTask,
  HookEvent,
  HookPayload,
  HookPayloadRead,
  SessionStartPayload,
} from "./hooks/hook-payload.ts";
export { hookEvents } from "./hooks/hook-payload.ts";
export { readHookPayload } from "./hooks/read-hook-payload.ts";
