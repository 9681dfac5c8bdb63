/** The configuration, and whether the agents it names can do anything. */
import { probeAgents } from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { CommandIo } from "../io.ts";
import { readiness } from "../verbs/agents.ts";
import { type Finding, good, note } from "./finding.ts";

/** @internal */
export async function agentFindings(io: CommandIo): Promise<Finding[]> {
  const [config, programs] = await Promise.all([loadConfig(io.cwd), probeAgents({ env: io.env })]);
  const found = programs.filter((program) => program.path !== null);
  const claude = found.find((program) => program.name === "claude");
  const others = found.filter((program) => !program.driven).map((program) => program.name);
  return [
    good("configuration", config.file ?? "no mai.config.yaml: the three default agents"),
    ...(claude === undefined
      ? []
      : [good("claude", `${claude.version ?? "unknown version"} at ${claude.path}`)]),
    ...(others.length === 0
      ? []
      : [
          note(
            "programs",
            `found, but not driven by this version: ${others.join(", ")}`,
            "Only Claude Code and commands are.",
          ),
        ]),
    ...config.agents.map((agent) => agentFinding(agent, readiness(agent, programs))),
    ...config.agents.flatMap(profileFindings),
  ];
}

function agentFinding(agent: AgentSetting, state: ReturnType<typeof readiness>): Finding {
  const subject = `agent ${agent.agentId}`;
  if (state.missing === null) return good(subject, "ready");
  const works = state.commands ? "does commands only" : "can do nothing";
  return note(subject, `${works}: ${state.missing}`, "Plans of commands need no model agent.");
}

/** Agents whose permissions leave them nothing, or not what they say they do. */
function profileFindings(agent: AgentSetting): Finding[] {
  const { agentId, profile, permissions, allow, capabilities, prose } = agent;
  if (!prose) return [];
  const subject = `agent ${agentId}`;
  if (profile === "bash" && permissions === "read-only" && allow.length === 0) {
    return [
      note(
        subject,
        "profile `bash` with `read-only` may run no command: it can do nothing",
        "Name commands under `allow`, or give it `accept-edits`.",
      ),
    ];
  }
  const findings: Finding[] = [];
  const cannotWrite = permissions === "read-only" || profile === "explore";
  if (cannotWrite && capabilities.includes("implementation")) {
    findings.push(
      note(
        subject,
        "says it does `implementation`, but may not write",
        "Give it `permissions: accept-edits`, or take the capability away.",
      ),
    );
  }
  if (permissions === "full" && process.getuid?.() === 0) {
    findings.push(
      note(
        subject,
        "`permissions: full` is refused to root by Claude Code outside a sandbox",
        "Run mai as another user.",
      ),
    );
  }
  return findings;
}
