/** The configuration, and whether the agents it names can do anything. */
import { type AgentProgram, probeAgents, probeWall } from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { backendOf, foundBackendOf } from "../../config/choose-backend.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { CommandIo } from "../io.ts";
import { lacksWall, readinessOf } from "../run/readiness.ts";
import { type Finding, good, note, wrong } from "./finding.ts";

/** @internal */
export async function agentFindings(io: CommandIo): Promise<Finding[]> {
  const [config, programs] = await Promise.all([
    loadConfig(io.cwd, io.cwd),
    probeAgents({ env: io.env, flags: true }),
  ]);
  const found = foundBackendOf(config.agents, io.env);
  const used = new Set(config.agents.map((agent) => backendOf(agent, io.env)));
  return [
    good("configuration", config.file ?? "no mai.config.yaml: the three default agents"),
    ...programs.flatMap((program) =>
      programFindings(program, program.backend === found, used.has(program.backend)),
    ),
    ...readyFindings(config.agents, io),
    ...(await wallFindings(config.agents, io)),
    ...config.agents.flatMap((agent) => profileFindings(agent, io)),
  ];
}

/** What is not installed is only missed where an agent needs it, and what nobody uses may be as it likes. */
function programFindings(program: AgentProgram, isChosen: boolean, isUsed: boolean): Finding[] {
  const { name, path, version, login, lacksFlags, loginRemedy } = program;
  if (path === null) return [];
  const states = { yes: "logged in", no: "not logged in", unknown: "login not known" };
  const state = states[login?.state ?? "unknown"];
  const use = isChosen ? "; agents without a `backend` use it" : isUsed ? "" : "; no agent uses it";
  const text = `${version ?? "unknown version"} at ${path}, ${state}${use}`;
  if (!isUsed) return [good(name, text)];
  const findings = login?.state === "no" ? [note(name, text, sentence(loginRemedy))] : [good(name, text)];
  if (lacksFlags === null || lacksFlags.length === 0) return findings;
  const flags = `its help does not name ${lacksFlags.join(", ")}, which attempts pass`;
  return [...findings, note(name, flags, "Its version may be too old or too new for this one of ours.")];
}

/** A wall that is installed may still be forbidden here, as in many containers. */
async function wallFindings(agents: readonly AgentSetting[], io: CommandIo): Promise<Finding[]> {
  const walled = agents.filter((agent) => agent.sandbox !== null && !lacksWall(agent, io.env));
  if (walled.length === 0) return [];
  const trouble = await probeWall();
  const names = walled.map((agent) => agent.agentId).join(", ");
  if (trouble === null) return [good("bwrap", `stands around ${names}`)];
  const remedy = "Run mai where namespaces may be made, or take `sandbox` away.";
  return [wrong("bwrap", `does not work here (${trouble}); ${names}: can do nothing`, remedy)];
}

/** An agent that cannot do all it is for, and whether commands are left to it. */
interface Lacking {
  readonly agent: AgentSetting;
  readonly commands: boolean;
}

/** One finding for those that are ready, and one for each thing that others lack. */
function readyFindings(agents: readonly AgentSetting[], io: CommandIo): Finding[] {
  const ready: string[] = [];
  const lacking = new Map<string, { readonly remedy: string; readonly agents: Lacking[] }>();
  for (const agent of agents) {
    // Said by what it lacks in permissions; a program would not help it.
    if (!agent.commands && !agent.prose) continue;
    const { missing, commands } = readinessOf(agent, io);
    if (missing === null) {
      ready.push(agent.agentId);
      continue;
    }
    const group = lacking.get(missing.text);
    if (group === undefined)
      lacking.set(missing.text, { remedy: missing.remedy, agents: [{ agent, commands }] });
    else group.agents.push({ agent, commands });
  }
  return [
    ...(ready.length === 0 ? [] : [good("agents", `${ready.join(", ")}: ready`)]),
    ...[...lacking].map(([text, group]) => lackFinding(text, group.remedy, group.agents)),
  ];
}

function lackFinding(text: string, remedy: string, agents: readonly Lacking[]): Finding {
  const list = (some: readonly Lacking[], what: string): string =>
    some.length === 0 ? "" : `${some.map(({ agent }) => agent.agentId).join(", ")}: ${what}`;
  const nothing = list(
    agents.filter(({ commands }) => !commands),
    "can do nothing",
  );
  const commands = list(
    agents.filter(({ commands }) => commands),
    "commands only",
  );
  const said = `${text}; ${[nothing, commands].filter(Boolean).join("; ")}`;
  // Who names the backend in the configuration counts on it; the defaults are there for everybody.
  const isWanted = agents.some(({ agent }) => agent.backend !== null || agent.sandbox !== null);
  return isWanted ? wrong("agents", said, sentence(remedy)) : note("agents", said, sentence(remedy));
}

/** Agents whose permissions leave them nothing, or not what they say they do. */
function profileFindings(agent: AgentSetting, io: CommandIo): Finding[] {
  if (agent.made !== null) return [];
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
  const isClaude = backendOf(agent, io.env) === "claude-code";
  if (isClaude && permissions === "full" && process.getuid?.() === 0) {
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

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
