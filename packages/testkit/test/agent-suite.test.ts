import type { FailureKind, FarmTask, Usage } from "mai-orchestration-core";
import { noUsage, unknownUsage } from "mai-orchestration-core";
import type { ScriptedBehaviour } from "mai-orchestration-testkit";
import { scriptedAgent } from "mai-orchestration-testkit";
import type {
  AgentCheck,
  AgentHarness,
  AgentTraits,
  Trouble,
  WantedBehaviour,
} from "mai-orchestration-testkit/suites";
import {
  checkAnswers,
  checkBigOutput,
  checkBigPrompt,
  checkFailureIsOutcome,
  checkLeavesNoProcess,
  checkNeverRejects,
  checkReportsOnlyWhileRunning,
  checkSettlesAfterAbort,
  checkTrouble,
  checkUsage,
  describeAgent,
} from "mai-orchestration-testkit/suites";
import { describe, expect, test } from "vitest";
import { processHarness, shellCannot } from "./support/process-agent.ts";

type Behaviours = Partial<Record<WantedBehaviour["type"] | Trouble, ScriptedBehaviour>>;

const usage: Usage = { ...unknownUsage, inputTokens: 100, outputTokens: 10 };
const good: Behaviours = {
  answer: {
    durationMs: 5,
    reports: [{ afterMs: 1, report: { progress: 40 } }],
    outcome: { type: "answered", output: "done", usage },
  },
  fail: { outcome: { type: "failed", reason: "no", kind: "task", output: "", usage: unknownUsage } },
  wait: { durationMs: null },
  silence: { durationMs: null },
  "sudden-death": failure("transient"),
  denied: { outcome: { type: "answered", output: "done", issues: ["denied: Write"], usage } },
  quota: failure("quota", { retryAt: 1_800_000_000_000 }),
  "no-login": failure("login"),
  overload: failure("transient"),
  "network-drop": failure("transient"),
  refused: failure("permanent"),
};

function failure(kind: FailureKind, more: { readonly retryAt?: number } = {}): ScriptedBehaviour {
  return { outcome: { type: "failed", reason: "no", kind, output: "", usage: unknownUsage, ...more } };
}

function scriptedHarness(broken: Behaviours = {}): AgentHarness {
  const behaviours = { ...good, ...broken };
  const behave = ({ description }: FarmTask): ScriptedBehaviour =>
    behaviours[description as keyof Behaviours] ?? {};
  return {
    agent: scriptedAgent({ id: "scripted", behave }),
    taskThat: (wanted) => ({
      taskId: "t",
      type: "test",
      description: wanted.type === "trouble" ? wanted.trouble : wanted.type,
      context: [],
      constraints: [],
      successCriteria: "",
    }),
    whenAtWork: null,
    close: async () => {},
  };
}

const noProgram = "a scripted agent prints nothing";
const scriptedTraits: AgentTraits = {
  usage: "known",
  startsProcesses: false,
  settleWithinMs: 2_000,
  bigOutputBytes: null,
  bigPromptLength: null,
  cannot: {
    garbage: noProgram,
    nonsense: noProgram,
    "split-lines": noProgram,
    "half-line": noProgram,
    "invalid-utf8": noProgram,
    "long-line": noProgram,
    "deaf-stdin": noProgram,
    lingering: noProgram,
  },
};
const processTraits: AgentTraits = {
  usage: "none",
  startsProcesses: true,
  settleWithinMs: 5_000,
  bigOutputBytes: 100_000_000,
  bigPromptLength: 1_000_000,
  cannot: shellCannot,
};

describeAgent("scripted", async () => scriptedHarness(), scriptedTraits);
describeAgent("processes", async () => processHarness(), processTraits);

describe("the suite bites", () => {
  const answered = (said: object): Behaviours => ({
    answer: {
      outcome: { type: "answered", output: "done", usage, ...said } as ScriptedBehaviour["outcome"] & object,
    },
  });
  const failed = (said: object): Behaviours => ({
    fail: { outcome: { type: "failed", reason: "no", kind: "task", output: "", usage, ...said } as never },
  });
  const zero: Usage = { ...unknownUsage, inputTokens: 0 };

  const broken: readonly [what: string, check: AgentCheck, how: Behaviours, reason: string][] = [
    ["fails a task it can do", checkAnswers, { answer: good.fail ?? {} }, "Expected an answer"],
    ["has no output", checkAnswers, answered({ output: undefined }), "an outcome has an output"],
    ["says more than 64 KB", checkAnswers, answered({ output: "x".repeat(70_000) }), "64 KB"],
    ["leaves out its usage", checkAnswers, answered({ usage: undefined }), "neither an amount nor null"],
    [
      "states a negative usage",
      checkAnswers,
      answered({ usage: { ...usage, costUsd: -1 } }),
      "costUsd is -1",
    ],
    ["answers what failed", checkFailureIsOutcome, { fail: {} }, "Expected a failed outcome"],
    [
      "gives a reason of two lines",
      checkFailureIsOutcome,
      failed({ reason: "a\nb" }),
      "a reason is one line",
    ],
    ["invents a kind of failure", checkFailureIsOutcome, failed({ kind: "bad" }), "bad is no kind"],
    ["rejects", checkFailureIsOutcome, { fail: { reject: new Error("thrown") } }, "thrown"],
    ["rejects after an abort", checkNeverRejects, { wait: { reject: new Error("thrown") } }, "thrown"],
    ["reports late", checkReportsOnlyWhileRunning, lateReport(), "nothing is reported once run has settled"],
    ["reports no percentage", checkReportsOnlyWhileRunning, badProgress(), "is no percentage"],
    ["reports NaN", checkReportsOnlyWhileRunning, badProgress(Number.NaN), "is no percentage"],
    ["takes a quota for a failure", checkTrouble("quota"), { quota: failure("task") }, "ends as quota"],
    ["knows no reset time", checkTrouble("quota"), { quota: failure("quota") }, "Unix milliseconds"],
    [
      "states it in seconds",
      checkTrouble("quota"),
      { quota: failure("quota", { retryAt: 1.8e9 }) },
      "Unix milliseconds",
    ],
    ["hides a denial", checkTrouble("denied"), { denied: {} }, "what was refused is an issue"],
    ["retries a refusal", checkTrouble("refused"), { refused: failure("transient") }, "ends as permanent"],
    [
      "answers after its death",
      checkTrouble("sudden-death"),
      { "sudden-death": {} },
      "ends as task or transient",
    ],
    ["says more when it is over", checkTrouble("overload"), lateTrouble(), "nothing is reported once"],
    ["invents signs of life", checkTrouble("silence"), chatter(), "gives no sign of life"],
    ["does not state its usage", checkUsage, answered({ usage: unknownUsage }), "inputTokens is known"],
  ];

  test.each(broken)("on an agent that %s", async (_, check, how, reason) => {
    await expect(check(scriptedHarness(how), scriptedTraits)).rejects.toThrow(reason);
  });

  test("on an agent that says 0 for what it does not know", async () => {
    const traits = { ...scriptedTraits, usage: "unknown" } as const;

    await expect(checkUsage(scriptedHarness(answered({ usage: zero })), traits)).rejects.toThrow(
      "must be null",
    );
    await expect(
      checkUsage(scriptedHarness(answered({ usage: unknownUsage })), traits),
    ).resolves.toBeUndefined();
  });

  test("on an agent that says 0 for the usage of an aborted run", async () => {
    const harness = scriptedHarness();
    const run: AgentHarness["agent"]["run"] = async (asked, context) => {
      const outcome = await harness.agent.run(asked, context);
      return context.signal.aborted ? { ...outcome, usage: noUsage } : outcome;
    };

    const zeroing = { ...harness, agent: { ...harness.agent, run } };
    await expect(checkUsage(zeroing, scriptedTraits)).rejects.toThrow("null, not 0");
  });

  test("on an agent that throws before there is a promise", async () => {
    const harness = scriptedHarness();
    const run = (): never => {
      throw new Error("thrown at once");
    };

    const throwing = { ...harness, agent: { ...harness.agent, run } };
    await expect(checkNeverRejects(throwing, scriptedTraits)).rejects.toThrow("thrown at once");
  });

  test("on an agent that does not stop", async () => {
    const deaf = scriptedHarness({ wait: { durationMs: null, stopMs: null } });
    const check = checkSettlesAfterAbort(deaf, { ...scriptedTraits, settleWithinMs: 100 });

    await expect(check).rejects.toThrow("in vain for the end of an aborted run");
  });

  test("on an agent that makes no use of a long task's end", async () => {
    const harness = processHarness();
    const taskThat: AgentHarness["taskThat"] = (wanted) => ({
      ...harness.taskThat(wanted),
      command: "head -c 5; exit 1",
    });

    await expect(checkBigPrompt({ ...harness, taskThat }, processTraits)).rejects.toThrow(
      "Expected an answer",
    );
  });

  test("on an agent that keeps all output", async () => {
    const traits = { ...processTraits, bigOutputBytes: 200_000 };

    await expect(checkBigOutput(processHarness({ keepsAll: true }), traits)).rejects.toThrow("64 KB");
  });

  test.runIf(process.platform === "linux")("on an agent that leaves a process, and removes it", async () => {
    const check = checkLeavesNoProcess(processHarness({ leaks: true }), processTraits);

    await expect(check).rejects.toThrow("processes of a settled attempt are alive");
  });

  test.runIf(process.platform === "linux")("on an agent whose processes carry no mark", async () => {
    const unmarked = { ...processHarness({ unmarked: true }), whenAtWork: async (): Promise<void> => {} };

    await expect(checkLeavesNoProcess(unmarked, processTraits)).rejects.toThrow(
      "carries the mark in MAI_MARK",
    );
  });
});

function lateReport(): Behaviours {
  return { answer: { durationMs: 5, reports: [{ afterMs: 30, report: { message: "late" } }] } };
}

function lateTrouble(): Behaviours {
  return { overload: { ...failure("transient"), reports: [{ afterMs: 30, report: { message: "late" } }] } };
}

function chatter(): Behaviours {
  return { silence: { durationMs: null, reports: [{ afterMs: 1, report: {} }] } };
}

function badProgress(progress = 101): Behaviours {
  return { answer: { durationMs: 5, reports: [{ afterMs: 1, report: { progress } }] } };
}
