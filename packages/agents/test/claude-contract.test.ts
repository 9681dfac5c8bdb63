/** The contract of agents, held by Claude Code, over a program that does what the suite asks. */
import { describeAgent } from "mai-orchestration-testkit/suites";
import { claudeCodeAgent } from "../src/index.ts";
import { harnessOf, identity } from "./contract-harness.ts";
import { fixture } from "./helpers.ts";

describeAgent(
  "claude-code",
  async () => {
    const agent = claudeCodeAgent({ ...identity, executable: fixture("troubled-claude.mjs") });
    return harnessOf(agent, (wanted) => ({
      description: "The end.",
      env: {
        CLAUDE_FAKE: wanted.type === "trouble" ? wanted.trouble : wanted.type,
        ...(wanted.type === "print" && { CLAUDE_BYTES: String(wanted.bytes) }),
      },
    }));
  },
  {
    usage: "known",
    startsProcesses: true,
    settleWithinMs: 10_000,
    bigOutputBytes: 100_000_000,
    bigPromptLength: 1_000_000,
    cannot: {},
  },
);
