/** The contract of agents, held by shell commands. */
import {
  type AgentTraits,
  describeAgent,
  type Trouble,
  type WantedBehaviour,
} from "mai-orchestration-testkit/suites";
import { commandAgent } from "../src/index.ts";
import { harnessOf, identity } from "./contract-harness.ts";

const noModel = "a shell command has no model";
const noProtocol = "whatever a shell command prints is its output";

const shellTraits: AgentTraits = {
  usage: "none",
  startsProcesses: true,
  settleWithinMs: 10_000,
  bigOutputBytes: 100_000_000,
  bigPromptLength: null,
  cannot: {
    nonsense: noProtocol,
    "half-line": noProtocol,
    "deaf-stdin": "a shell command is given no stdin",
    lingering: "a shell command answers by its end",
    denied: "a shell command is refused nothing",
    quota: noModel,
    "no-login": noModel,
    overload: noModel,
    "network-drop": noModel,
    refused: noModel,
  },
};

const shellTroubles: Readonly<Partial<Record<Trouble, string>>> = {
  garbage: "echo '}{'; echo; echo done",
  "split-lines": "printf 'd\\303'; sleep 0.1; printf '\\244ne\\n'",
  "invalid-utf8": "printf 'd\\377ne\\n'",
  "long-line": "head -c 5000000 /dev/zero; echo; echo done",
  silence: "while :; do sleep 1; done",
  "sudden-death": "kill -KILL $$",
};

function shellCommand(wanted: WantedBehaviour): string {
  switch (wanted.type) {
    case "answer":
      return "echo done";
    case "fail":
      return "exit 3";
    case "wait":
      return "trap '' TERM INT; setsid sleep 600 & while :; do sleep 1; done";
    case "print":
      return `head -c ${wanted.bytes} /dev/zero`;
    case "trouble":
      return shellTroubles[wanted.trouble] ?? "exit 9";
  }
}

describeAgent(
  "command",
  async () => harnessOf(commandAgent(identity), (wanted) => ({ command: shellCommand(wanted) })),
  shellTraits,
);
