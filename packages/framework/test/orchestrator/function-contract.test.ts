/** The contract of agents, held by functions. What a function cannot get wrong is said with the reason. */
import { createFarmTask } from "mai-orchestration-core/seed";
import type { AgentTraits, WantedBehaviour } from "mai-orchestration-testkit/suites";
import { describeAgent } from "mai-orchestration-testkit/suites";
import { agentOfFunction, type FunctionRun, functionAgent } from "../../src/dispatcher/function-agent.ts";

const noProgram = "a function prints nothing";
const noModel = "a function says itself whether a model failed it";

const traits: AgentTraits = {
  usage: "none",
  startsProcesses: false,
  settleWithinMs: 5_000,
  bigOutputBytes: null,
  bigPromptLength: 1_000_000,
  cannot: {
    garbage: noProgram,
    nonsense: noProgram,
    "split-lines": noProgram,
    "half-line": noProgram,
    "invalid-utf8": "a function returns text and no bytes",
    "long-line": "what a function returns is cut by the engine",
    "deaf-stdin": "a function has no stdin",
    lingering: "a function has answered when it returns",
    quota: noModel,
    "no-login": noModel,
    overload: noModel,
    "network-drop": noModel,
    refused: noModel,
  },
};

/** Does what the task's last line says. */
const run: FunctionRun = async (task, { signal }) => {
  switch (task.description.split("\n").at(-1)) {
    case "wait":
    case "silence":
      return new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    case "fail":
    case "sudden-death":
      throw new Error("No.\nNot at all.");
    case "denied":
      return { output: "done", issues: ["denied: Write"] };
    default:
      return "done";
  }
};

function wordOf(wanted: WantedBehaviour): string {
  return wanted.type === "trouble" ? wanted.trouble : wanted.type;
}

describeAgent(
  "function",
  async () => ({
    agent: agentOfFunction(functionAgent({ id: "f", capabilities: ["test"], maxConcurrent: 1, run })),
    taskThat: (wanted) => createFarmTask("test", wordOf(wanted), "it is done"),
    whenAtWork: null,
    close: async () => {},
  }),
  traits,
);
