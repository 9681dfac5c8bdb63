/** What Claude Code tells a hook on its standard input, as far as it is used. */

/** The events that are understood, in Claude Code's words. @public */
export const hookEvents = ["PreCompact", "SessionStart", "SubagentStop", "Stop", "SessionEnd"] as const;

/** One of the events that are understood. @public */
export type HookEvent = (typeof hookEvents)[number];

/** What every event tells of its session. @public */
export interface HookPayloadBase {
  readonly sessionId: string;
  /** Absolute. The file may lag behind the conversation, or be gone. */
  readonly transcriptPath: string;
  /** Absolute. */
  readonly cwd: string;
}

/** Something that still runs in the background of a session. @public */
export interface BackgroundTask {
  readonly id: string;
  /** `subagent`, `shell`, `monitor`, ... */
  readonly type?: string;
  readonly status?: string;
  readonly description?: string;
}

/** The conversation is about to be compacted. @public */
export interface PreCompactPayload extends HookPayloadBase {
  readonly event: "PreCompact";
  /** `manual` or `auto` today. */
  readonly trigger: string;
  readonly customInstructions?: string;
}

/** A session begins, or goes on after a resume, a clear or a compaction. @public */
export interface SessionStartPayload extends HookPayloadBase {
  readonly event: "SessionStart";
  /** `startup`, `resume`, `clear`, `compact` or `fork` today. */
  readonly source: string;
  readonly model?: string;
}

/** A sub-agent of the session has come to its end. @public */
export interface SubagentStopPayload extends HookPayloadBase {
  readonly event: "SubagentStop";
  readonly agentId: string;
  /** Empty for agents of Claude Code's own, such as that of a compaction. */
  readonly agentType: string;
  readonly agentTranscriptPath?: string;
  readonly lastAssistantMessage?: string;
  readonly stopHookActive: boolean;
  readonly backgroundTasks: readonly BackgroundTask[];
}

/** Claude Code has finished its answer. @public */
export interface StopPayload extends HookPayloadBase {
  readonly event: "Stop";
  readonly lastAssistantMessage?: string;
  /** This stop is itself due to a hook that did not let the session stop. */
  readonly stopHookActive: boolean;
  readonly backgroundTasks: readonly BackgroundTask[];
}

/** The session is over. @public */
export interface SessionEndPayload extends HookPayloadBase {
  readonly event: "SessionEnd";
  /** `clear`, `logout`, `other`, ... */
  readonly reason: string;
}

/** What a hook was told; `event` says which. @public */
export type HookPayload =
  | PreCompactPayload
  | SessionStartPayload
  | SubagentStopPayload
  | StopPayload
  | SessionEndPayload;

/** A payload, or in one line why the input is none that is understood. @public */
export type HookPayloadRead =
  | { readonly ok: true; readonly payload: HookPayload }
  | { readonly ok: false; readonly problem: string };
