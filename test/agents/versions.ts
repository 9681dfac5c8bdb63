/** Which versions the programs are tested at, when not the pinned ones. */
import type { AgentProgramName } from "mai-orchestration-testkit";

/** From the environment's `MAI_AGENT_VERSIONS`, JSON such as `{"codex":"0.170.0"}`. */
export function versionsWanted(): Partial<Record<AgentProgramName, string>> {
  return JSON.parse(process.env["MAI_AGENT_VERSIONS"] ?? "{}") as Partial<Record<AgentProgramName, string>>;
}
