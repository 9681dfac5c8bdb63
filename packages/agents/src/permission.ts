/** Permissions that a program of ours decides while an attempt runs. */

/** A tool's use that nothing allows and nothing forbids yet. @public */
export interface PermissionRequest {
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** By the backend's own name, such as `Bash`. */
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The use in a few words, for people: `Bash (npm test)`. */
  readonly summary: string;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

/** What may be answered; `deny` with the reason that the agent is told. @public */
export type PermissionAnswer = "allow" | "deny" | { readonly deny: string };

/** Decides one request. What it throws denies. @public */
export type DecidePermission = (request: PermissionRequest) => PermissionAnswer | Promise<PermissionAnswer>;
