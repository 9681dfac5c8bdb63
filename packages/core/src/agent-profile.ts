/** What a model agent may use and do, said once for every backend and for the configuration. */

/**
 * Which tools a model agent has: all (`general-purpose`), its shell only
 * (`bash`), or those that read (`explore`).
 *
 * @public
 */
export type AgentProfile = "general-purpose" | "bash" | "explore";

/** Every profile, for checking what people wrote. @public */
export const agentProfiles: readonly AgentProfile[] = ["general-purpose", "bash", "explore"];

/** The profile of an agent that names none. @public */
export const defaultProfile: AgentProfile = "general-purpose";

/**
 * What an agent may do without being asked. `accept-edits`: read, and write
 * inside its workspace. `full`: everything.
 *
 * @public
 */
export type PermissionMode = "read-only" | "accept-edits" | "full";

/** Every permission mode from the least to the most, for checking what people wrote. @public */
export const permissionModes: readonly PermissionMode[] = ["read-only", "accept-edits", "full"];

/** The permissions of an agent that names none: who explores has no need to write. @public */
export function defaultPermissions(profile: AgentProfile): PermissionMode {
  return profile === "explore" ? "read-only" : "accept-edits";
}
