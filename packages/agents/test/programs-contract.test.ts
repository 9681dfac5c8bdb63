/** The contract of agents, held by every adapter but Claude Code's over a program that speaks its program's format. */
import { type AgentTraits, describeAgent, type Trouble } from "mai-orchestration-testkit/suites";
import { acp, type Backend, backendAgent, codex, gemini, openCode, qwen } from "../src/index.ts";
import { fixture } from "./helpers.ts";
import { createFarmTaskFor } from "./tasks.ts";

const executable = fixture("troubled-agent.mjs");
const noRefusal = "its program does not tell a refusal from any other answer";

const makers: Readonly<Record<string, () => Backend>> = {
  codex: () => codex({ executable }),
  opencode: () => openCode({ executable }),
  gemini: () => gemini({ executable }),
  qwen: () => qwen({ executable }),
  acp: () => acp({ command: [executable] }),
};

const cannot: Readonly<Record<string, Partial<Record<Trouble, string>>>> = {
  codex: { refused: noRefusal },
  gemini: { refused: noRefusal },
  qwen: { refused: noRefusal },
  acp: { "deaf-stdin": "who does not hear cannot talk" },
};

for (const [name, make] of Object.entries(makers)) {
  const traits: AgentTraits = {
    usage: name === "acp" ? "unknown" : "known",
    startsProcesses: true,
    settleWithinMs: 10_000,
    bigOutputBytes: 20_000_000,
    bigPromptLength: 1_000_000,
    cannot: cannot[name] ?? {},
  };
  describeAgent(
    name,
    async () => ({
      agent: backendAgent({ id: "agent", capabilities: ["test"], maxConcurrent: 2, prose: make() }),
      taskThat: (wanted) =>
        createFarmTaskFor({
          type: "test",
          description: "The end.",
          env: {
            AGENT_FORMAT: name,
            AGENT_FAKE: wanted.type === "trouble" ? wanted.trouble : wanted.type,
            ...(wanted.type === "print" && { AGENT_BYTES: String(wanted.bytes) }),
          },
        }),
      whenAtWork: null,
      close: async () => {},
    }),
    traits,
  );
}
