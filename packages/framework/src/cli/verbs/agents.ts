/** `mai agents`: who can work here. */
import { type AgentProgram, probeAgents, programBackends } from "mai-orchestration-agents";
import { MaiError } from "mai-orchestration-core";
import type { AgentSetting } from "../../config/agent-setting.ts";
import { backendOf, foundBackendOf } from "../../config/choose-backend.ts";
import { type Config, loadConfig } from "../../config/load-config.ts";
import { isPostgresUrl, isShared } from "../../store/shared-store.ts";
import { exitCode, jsonFlag, storeFlag, usageError, type Verb, type Words } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type Readiness, readinessOf } from "../run/readiness.ts";
import { storePathOf, withStore } from "../store/find-store.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { type Theme, themeFor } from "../text/theme.ts";

/** @internal */
export const verb: Verb = {
  usage: "agents [set ID N]",
  args: [0, 3],
  flags: [jsonFlag, storeFlag],
  details: `The three default agents, changed and extended by mai.config.yaml here or above. An agent without a \`backend\` uses the first
program that is installed and logged in of Claude Code, Codex, OpenCode, Gemini CLI and Qwen Code. Starts none of them.
With a store in Postgres, the caps that hold over all workers: \`set\` changes one at once.`,
  examples: [
    ["mai agents", "who can work here, and how many at once"],
    ["mai agents set general-purpose 12 --store postgres://db/mai", "twelve at once, over all workers"],
  ],
  async run(words, io) {
    const [word, agentId, count] = words.args;
    if (word !== undefined) return setCap(word, agentId, count, words, io);
    if (isPostgresUrl(storePathOf(words, io) ?? "")) return listCaps(words, io);
    const [config, programs] = await Promise.all([
      loadConfig(io.cwd, io.cwd),
      probeAgents({ env: io.env, flags: true }),
    ]);
    if (words.has("json")) {
      const agents = config.agents.map(({ made, ...agent }) => ({
        ...agent,
        env: Object.keys(agent.env),
        works: made === null ? backendOf({ ...agent, made }, io.env) : made.backend,
        ready: readinessOf({ ...agent, made }, io),
      }));
      const found = foundBackendOf(config.agents, io.env);
      io.stdout.write(`${JSON.stringify({ config: config.file, found, agents, programs })}\n`);
    } else {
      io.stdout.write(`${textOf(config, programs, io).join("\n")}\n`);
    }
    return exitCode.succeeded;
  },
};

async function setCap(
  word: string,
  agentId: string | undefined,
  count: string | undefined,
  words: Words,
  io: CommandIo,
): Promise<number> {
  if (word !== "set" || agentId === undefined || !/^[1-9][0-9]{0,5}$/.test(count ?? "")) {
    throw usageError("it is: mai agents set ID N, with a whole number from 1", "agents");
  }
  const maxConcurrent = Number(count);
  return withStore(words, io, async (store) => {
    if (!isShared(store)) {
      throw new MaiError(
        "cli.usage",
        "For a store in a file, mai.config.yaml says how many attempts run at once",
        {
          hint: "Set max_concurrent there, or name a shared store with --store postgres://....",
        },
      );
    }
    await store.setAgentCap(agentId, maxConcurrent);
    const text = `${agentId}: at most ${maxConcurrent} at once, over all workers\n`;
    io.stdout.write(words.has("json") ? `${JSON.stringify({ agentId, maxConcurrent })}\n` : text);
    return exitCode.succeeded;
  });
}

/** The caps of a shared store, and how much of each is taken. */
async function listCaps(words: Words, io: CommandIo): Promise<number> {
  return withStore(words, io, async (store) => {
    const caps = isShared(store) ? await store.agentCaps() : [];
    if (words.has("json")) for (const cap of caps) io.stdout.write(`${JSON.stringify(cap)}\n`);
    else {
      const theme = themeFor(io.stdout, io.env);
      const rows = caps.map(({ agentId, maxConcurrent, held }): Cell[] => [
        { text: agentId, paint: theme.bold },
        { text: String(held), right: true },
        { text: String(maxConcurrent), right: true },
      ]);
      const head = headings(theme.dim, "AGENT", "BUSY", "AT ONCE");
      io.stdout.write(`${tableLines([head, ...rows], columnsOf(io.stdout)).join("\n")}\n`);
    }
    return exitCode.succeeded;
  });
}

function textOf(config: Config, programs: readonly AgentProgram[], io: CommandIo): string[] {
  const theme = themeFor(io.stdout, io.env);
  const { agents } = config;
  const states = agents.map((agent) => readinessOf(agent, io));
  const head = headings(theme.dim, "AGENT", "STATE", "AT ONCE", "BACKEND", "DOES");
  const rows = agents.map((agent, i) => rowOf(agent, states[i], theme, io));
  const missing = new Map(
    states.flatMap(({ missing }) => (missing === null ? [] : [[missing.text, missing.remedy]])),
  );
  const notes = [...missing].map(([text, remedy]) => `${sentence(text)} ${sentence(remedy)}`);
  return [
    ...tableLines([head, ...rows], columnsOf(io.stdout)),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    ...machineLines(agents, programs, theme, io),
    ...(config.file === null ? [] : ["", `Configured in ${config.file}`]),
  ];
}

/** What was found on the machine, and what is made of it. */
function machineLines(
  agents: readonly AgentSetting[],
  programs: readonly AgentProgram[],
  theme: Theme,
  io: CommandIo,
): string[] {
  const found = programs.filter(({ path }) => path !== null);
  if (found.length === 0) return [];
  const states = { yes: "logged in", no: "not logged in", unknown: "login not known" };
  const head = headings(theme.dim, "PROGRAM", "VERSION", "LOGIN", "");
  const rows = found.map(({ name, path, version, login, lacksFlags }): Cell[] => [
    { text: name, paint: theme.bold },
    { text: version ?? "unknown" },
    {
      text: states[login?.state ?? "unknown"],
      paint: login?.state === "no" ? theme.warn : (text: string) => text,
    },
    { text: lacksFlags?.length ? `does not name ${lacksFlags.join(", ")}` : (path ?? ""), paint: theme.dim },
  ]);
  const chosen = foundBackendOf(agents, io.env);
  const order = programBackends.join(", ");
  const sentence = `Agents without a \`backend\` use ${chosen}: the first installed and logged in of ${order}`;
  return [
    "",
    ...tableLines([head, ...rows], columnsOf(io.stdout)),
    ...(chosen === null ? [] : ["", sentence]),
  ];
}

function rowOf(agent: AgentSetting, state: Readiness | undefined, theme: Theme, io: CommandIo): Cell[] {
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
  if (does.length === 0 && !canNothing) does.push("stands in for others");
  return [
    { text: agent.agentId, paint: theme.bold },
    { text, paint: isReady ? theme.good : theme.warn },
    { text: String(agent.maxConcurrent), right: true },
    { text: backendText(agent, state, io) },
    { text: does.join(", ") },
  ];
}

function backendText(agent: AgentSetting, state: Readiness | undefined, io: CommandIo): string {
  const { commands, profile, made } = agent;
  if (made !== null) return made.backend;
  const backend = backendOf(agent, io.env);
  if (backend === null) return "command";
  // Any would do, and none is there.
  if (state?.missing?.isOpen === true) return commands ? "command" : "none found";
  const text = profile === "general-purpose" ? backend : `${backend} (${profile})`;
  return commands ? `command, ${text}` : text;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
