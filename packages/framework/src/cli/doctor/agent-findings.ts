/** The configuration, and whether the agents it names can do anything. */
import { type AgentProgram, probeAgents } from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { CommandIo } from "../io.ts";
import { readinessOf } from "../run/readiness.ts";
import { type Finding, good, note, wrong } from "./finding.ts";

/** @internal */
export async function agentFindings(io: CommandIo): Promise<Finding[]> {
  const [config, programs] = await Promise.all([loadConfig(io.cwd, io.cwd), probeAgents({ env: io.env })]);
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
    ...readyFindings(config.agents, programs, io),
    ...config.agents.flatMap(profileFindings),
  ];
}

/** One finding for those that are ready, and one for each thing that others lack. */
function readyFindings(
  agents: readonly AgentSetting[],
  programs: readonly AgentProgram[],
  io: CommandIo,
): Finding[] {
  const ready: string[] = [];
  const lacking = new Map<string, { readonly remedy: string; readonly agents: AgentSetting[] }>();
  for (const agent of agents) {
    // Said by what it lacks in permissions; a program would not help it.
    if (!agent.commands && !agent.prose) continue;
    const { missing } = readinessOf(agent, programs, io);
    if (missing === null) {
      ready.push(agent.agentId);
      continue;
    }
    const group = lacking.get(missing.text);
    if (group === undefined) lacking.set(missing.text, { remedy: missing.remedy, agents: [agent] });
    else group.agents.push(agent);
  }
  return [
    ...(ready.length === 0 ? [] : [good("agents", `${ready.join(", ")}: ready`)]),
    ...[...lacking].map(([text, group]) => lackFinding(text, group.remedy, group.agents)),
  ];
}

function lackFinding(text: string, remedy: string, agents: readonly AgentSetting[]): Finding {
  const list = (some: readonly AgentSetting[], what: string): string =>
    some.length === 0 ? "" : `${some.map((agent) => agent.agentId).join(", ")}: ${what}`;
  const nothing = list(
    agents.filter((agent) => !agent.commands),
    "can do nothing",
  );
  const commands = list(
    agents.filter((agent) => agent.commands),
    "commands only",
  );
  const sentence = `${text}; ${[nothing, commands].filter(Boolean).join("; ")}`;
  // Who names the backend in the configuration counts on it; the defaults are there for everybody.
  const isWanted = agents.some((agent) => agent.backend !== null);
  return isWanted ? wrong("agents", sentence, remedy) : note("agents", sentence, remedy);
}

/** Agents whose permissions leave them nothing, or not what they say they do. */
function profileFindings(agent: AgentSetting): Finding[] {
  const { agentId, profile, permissions, capabilities, commands, prose } = agent;
  const subject = `agent ${agentId}`;
  if (!prose && !commands) {
    const text = `profile \`${profile}\` with \`${permissions}\` and nothing under \`allow\` can do nothing`;
    return [note(subject, text, "Name the commands that it may run under `allow`.")];
  }
  if (!prose) return [];
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
