/** `mai agents`: who can work here. */
import { type AgentProgram, probeAgents } from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { loadConfig } from "../../config/load-config.ts";
import { exitCode, jsonFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { type Theme, themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "agents",
  args: [0, 0],
  flags: [jsonFlag],
  details:
    "The three default agents, changed and extended by mai.config.yaml here or above. Starts none of them.",
  examples: [["mai agents", "who can work here, and how many at once"]],
  async run(words, io) {
    const [config, programs] = await Promise.all([loadConfig(io.cwd), probeAgents({ env: io.env })]);
    if (words.has("json")) {
      const agents = config.agents.map((agent) => ({
        ...agent,
        env: Object.keys(agent.env),
        ready: readiness(agent, programs),
      }));
      io.stdout.write(`${JSON.stringify({ config: config.file, agents, programs })}\n`);
    } else {
      io.stdout.write(`${textOf(config.agents, programs, io).join("\n")}\n`);
      if (config.file !== null) io.stdout.write(`\nConfigured in ${config.file}\n`);
    }
    return exitCode.succeeded;
  },
};

/** What an agent can do at the moment: everything, some, or nothing, and why. @internal */
export interface Readiness {
  readonly commands: boolean;
  readonly prose: boolean;
  /** What stands in the way of the rest; `null` when nothing does. */
  readonly missing: string | null;
}

/** @internal */
export function readiness(agent: AgentSetting, programs: readonly AgentProgram[]): Readiness {
  if (!agent.prose) return { commands: agent.commands, prose: false, missing: null };
  const claude = programs.find((program) => program.name === "claude");
  const isFound = agent.executable !== null || (claude !== undefined && claude.path !== null);
  if (!isFound) {
    const install = claude?.installCommand ?? "";
    return { commands: agent.commands, prose: false, missing: `claude is not installed (${install})` };
  }
  if (claude?.login?.state === "no" && Object.keys(agent.env).length === 0) {
    return { commands: agent.commands, prose: false, missing: "claude is not logged in (run `claude` once)" };
  }
  return { commands: agent.commands, prose: true, missing: null };
}

function textOf(agents: readonly AgentSetting[], programs: readonly AgentProgram[], io: CommandIo): string[] {
  const theme = themeFor(io.stdout, io.env);
  const head = headings(theme.dim, "AGENT", "BACKEND", "AT ONCE", "DOES", "STATE");
  return tableLines([head, ...agents.map((agent) => rowOf(agent, programs, theme))], columnsOf(io.stdout));
}

function rowOf(agent: AgentSetting, programs: readonly AgentProgram[], theme: Theme): Cell[] {
  const state = readiness(agent, programs);
  const does = [...(agent.commands ? ["commands"] : []), ...(agent.prose ? agent.capabilities : [])];
  const nothing = !state.commands && !state.prose;
  const text = state.missing === null ? "ready" : nothing ? state.missing : `commands only: ${state.missing}`;
  return [
    { text: agent.agentId, paint: theme.bold },
    { text: backendText(agent) },
    { text: String(agent.maxConcurrent), right: true },
    { text: does.join(", ") },
    { text, paint: state.missing === null ? theme.good : theme.warn },
  ];
}

function backendText({ backend, commands, profile }: AgentSetting): string {
  if (backend === "command") return "command";
  const model = profile === "general-purpose" ? "claude-code" : `claude-code (${profile})`;
  return backend === null && commands ? `command, ${model}` : model;
}
