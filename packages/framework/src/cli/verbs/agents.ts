/** `mai agents`: who can work here. */
import { type AgentProgram, probeAgents } from "mai-orchestration-agents";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { loadConfig } from "../../config/load-config.ts";
import { exitCode, jsonFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type Readiness, readinessOf } from "../run/readiness.ts";
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
    const [config, programs] = await Promise.all([loadConfig(io.cwd, io.cwd), probeAgents({ env: io.env })]);
    if (words.has("json")) {
      const agents = config.agents.map((agent) => ({
        ...agent,
        env: Object.keys(agent.env),
        ready: readinessOf(agent, programs, io),
      }));
      io.stdout.write(`${JSON.stringify({ config: config.file, agents, programs })}\n`);
    } else {
      io.stdout.write(`${textOf(config.agents, programs, io).join("\n")}\n`);
      if (config.file !== null) io.stdout.write(`\nConfigured in ${config.file}\n`);
    }
    return exitCode.succeeded;
  },
};

function textOf(agents: readonly AgentSetting[], programs: readonly AgentProgram[], io: CommandIo): string[] {
  const theme = themeFor(io.stdout, io.env);
  const states = agents.map((agent) => readinessOf(agent, programs, io));
  const head = headings(theme.dim, "AGENT", "STATE", "AT ONCE", "BACKEND", "DOES");
  const rows = agents.map((agent, i) => rowOf(agent, states[i], theme));
  const missing = new Map(
    states.flatMap(({ missing }) => (missing === null ? [] : [[missing.text, missing.remedy]])),
  );
  const notes = [...missing].map(([text, remedy]) => `${text}: ${remedy}`);
  return [
    ...tableLines([head, ...rows], columnsOf(io.stdout)),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ];
}

function rowOf(agent: AgentSetting, state: Readiness | undefined, theme: Theme): Cell[] {
  const canNothing = !agent.commands && !agent.prose;
  const isReady = !canNothing && (state === undefined || state.missing === null);
  const text = canNothing
    ? "may do nothing"
    : isReady
      ? "ready"
      : agent.commands
        ? "commands only"
        : "not ready";
  const does = [...(agent.commands ? ["commands"] : []), ...(agent.prose ? agent.capabilities : [])];
  return [
    { text: agent.agentId, paint: theme.bold },
    { text, paint: isReady ? theme.good : theme.warn },
    { text: String(agent.maxConcurrent), right: true },
    { text: backendText(agent) },
    { text: does.join(", ") },
  ];
}

function backendText({ backend, commands, prose, profile }: AgentSetting): string {
  if (backend === "command" || (commands && !prose)) return "command";
  const model = profile === "general-purpose" ? "claude-code" : `claude-code (${profile})`;
  return backend === null && commands ? `command, ${model}` : model;
}
