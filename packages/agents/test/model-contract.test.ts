/** The contract of agents, held by models of the AI SDK, over a server that does what the suite asks. */
import { type FakeStep, markedProcesses, script, startFakeModel } from "mai-orchestration-testkit";
import { describeAgent } from "mai-orchestration-testkit/suites";
import { backendAgent, model } from "../src/index.ts";
import { harnessOf, identity } from "./contract-harness.ts";
import { until } from "./helpers.ts";

const quickRetry = { "retry-after-ms": "1" };
const write: FakeStep = { tool: "write_file", input: { path: "../outside", content: "" } };

/** What the scripted model does, step by step. */
const modelSteps: Readonly<Record<string, readonly FakeStep[]>> = {
  answer: [{ text: "done" }],
  fail: [{ error: 400 }],
  wait: [
    { tool: "run_command", input: { command: "trap '' TERM; setsid sleep 600 & while :; do sleep 1; done" } },
  ],
  print: [{ tool: "run_command", input: { command: "head -c $BYTES /dev/zero" } }, { text: "done" }],
  silence: [{ hang: true }],
  denied: [write, { text: "done" }],
  quota: [{ error: 429, headers: quickRetry }],
  "no-login": [{ error: 401 }],
  overload: [{ error: 529, headers: quickRetry }],
  "network-drop": [{ cut: true }],
  refused: [{ text: "no", stop: "refusal" }],
};
const noProgram = "a model is asked over HTTP, and is no program";

describeAgent(
  "model",
  async () => {
    const fake = await startFakeModel();
    const asked = {
      model: "anthropic/claude-sonnet-4-5",
      baseUrl: `${fake.url}/v1`,
      apiKeyVariable: "TEST_MODEL_KEY",
    };
    process.env["TEST_MODEL_KEY"] = "key";
    const agent = backendAgent({ ...identity, prose: model({ ...asked, permissions: "full" }) });
    return {
      ...harnessOf(agent, (wanted) => ({
        successCriteria: wanted.type === "trouble" ? wanted.trouble : "",
        description: script(modelSteps[wanted.type === "trouble" ? wanted.trouble : wanted.type] ?? []),
        ...(wanted.type === "print" && { env: { BYTES: String(wanted.bytes) } }),
      })),
      // Only a command that it was told to run is a process.
      whenAtWork: (mark) =>
        until(async () => {
          const isSilent = fake.requests.some(({ prompt }) => prompt.includes("silence"));
          return isSilent || (await markedProcesses(mark)).length > 0;
        }),
      async close() {
        await fake.close();
      },
    };
  },
  {
    usage: "known",
    startsProcesses: true,
    settleWithinMs: 10_000,
    bigOutputBytes: 100_000_000,
    bigPromptLength: 1_000_000,
    cannot: {
      garbage: noProgram,
      nonsense: noProgram,
      "split-lines": noProgram,
      "half-line": noProgram,
      "invalid-utf8": noProgram,
      "long-line": noProgram,
      "sudden-death": noProgram,
      "deaf-stdin": noProgram,
      lingering: noProgram,
    },
  },
);
