import { describe, expect, test } from "vitest";
import {
  noUsage,
  overallVerdict,
  type ResultStatus,
  resultOf,
  runResultOf,
  type TaskCommand,
  unknownUsage,
  type Verdict,
} from "../src/index.ts";
import { answerOf, claimOf, failureOf, leads, receiptOf, taskOf } from "./life.ts";

const release: TaskCommand = { type: "release", open: 0 };
const answer: TaskCommand = { type: "answer", attempt: 1, answer: answerOf() };
const passed = (command: string): TaskCommand => ({
  type: "check",
  attempt: 1,
  receipt: receiptOf(command, true),
});
const cancel: TaskCommand = { type: "cancel", reason: "failFast" };

interface Row {
  readonly end: string;
  readonly commands: readonly TaskCommand[];
  readonly status: ResultStatus;
  readonly verdict: Verdict;
}

const task = taskOf({ verify: [{ command: "A" }, { command: "B" }] });
const rows: readonly Row[] = [
  {
    end: "succeeded, all of its checks passed",
    commands: [release, claimOf(), answer, passed("A"), passed("B"), { type: "succeed", attempt: 1 }],
    status: "success",
    verdict: "verified",
  },
  {
    end: "failed, attempts used up",
    commands: [release, claimOf(1), failureOf(1)],
    status: "failure",
    verdict: "failed",
  },
  {
    end: "failed by a check",
    commands: [
      release,
      claimOf(1),
      answer,
      { type: "check", attempt: 1, receipt: receiptOf("A", false) },
      failureOf(1, { kind: "check" }),
    ],
    status: "failure",
    verdict: "failed",
  },
  {
    end: "failed by its own timeout",
    commands: [release, claimOf(1), failureOf(1, { kind: "timeout" })],
    status: "failure",
    verdict: "failed",
  },
  {
    end: "failed for good with attempts left",
    commands: [release, claimOf(9), failureOf(1, { kind: "permanent" })],
    status: "failure",
    verdict: "failed",
  },
  {
    end: "blocked, a dependency did not succeed",
    commands: [{ type: "block", reason: "its dependency d failed" }],
    status: "blocked",
    verdict: "blocked",
  },
  {
    end: "blocked, no agent can do it",
    commands: [{ type: "block", reason: "no agent can do it" }],
    status: "blocked",
    verdict: "blocked",
  },
  {
    end: "cancelled while running",
    commands: [release, claimOf(), cancel, { type: "confirm-cancel", attempt: 1 }],
    status: "failure",
    verdict: "cancelled",
  },
  {
    end: "cancelled while its checks ran",
    commands: [release, claimOf(), answer, cancel, { type: "confirm-cancel", attempt: 1 }],
    status: "failure",
    verdict: "cancelled",
  },
  {
    end: "cancelled while it waited for its second attempt",
    commands: [release, claimOf(2), failureOf(1), cancel],
    status: "failure",
    verdict: "cancelled",
  },
  {
    end: "cancelled when it was ready",
    commands: [release, cancel],
    status: "blocked",
    verdict: "cancelled",
  },
  { end: "cancelled when it was queued", commands: [cancel], status: "blocked", verdict: "cancelled" },
];

describe("how a task ended", () => {
  test.each(rows)("$end: status $status, verdict $verdict", ({ commands, status, verdict }) => {
    const life = leads(task);
    life.does(0, ...commands);

    expect(resultOf(life.state())).toMatchObject({ taskId: "t", status, verdict });
    expect(runResultOf(life.state())).toMatchObject({ taskId: "t", status, verdict });
  });

  test("succeeded without any check: status success, verdict unverified", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf(), answer, { type: "succeed", attempt: 1 });

    expect(resultOf(life.state())).toMatchObject({ status: "success", verdict: "unverified" });
  });

  test("not at all: a run that finishes without it says blocked, not failed", () => {
    const life = leads(taskOf());
    expect(runResultOf(life.state())).toMatchObject({ status: "blocked", verdict: "blocked" });
  });
});

describe("a result", () => {
  test("carries what the last attempt left", () => {
    const usage = {
      inputTokens: 7,
      outputTokens: null,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 0.5,
    };
    const said = answerOf({
      output: "wrote it",
      outputFile: ".mai/logs/t.1.log",
      artifacts: ["a.ts"],
      issues: ["Bash was denied"],
      sessionId: "s1",
      usage,
      sharedWorkspace: true,
    });
    const life = leads(taskOf());
    life.does(1_000, release, claimOf(), { type: "answer", attempt: 1, answer: said });
    life.does(4_000, { type: "succeed", attempt: 1 });

    expect(resultOf(life.state())).toEqual({
      taskId: "t",
      agentId: "a",
      status: "success",
      output: "wrote it",
      artifacts: ["a.ts"],
      issues: ["Bash was denied"],
      duration: 3_000,
      verdict: "unverified",
      attempts: 1,
      receipts: [],
      usage,
      sessionId: "s1",
      outputFile: ".mai/logs/t.1.log",
      sharedWorkspace: true,
    });
  });

  test("of a failure without any answer says the reason in its output as well", () => {
    const life = leads(taskOf());
    life.does(0, release, claimOf(), failureOf(1, { reason: "no sign of life for 60 s" }));

    expect(resultOf(life.state())).toMatchObject({
      output: "no sign of life for 60 s",
      reason: "no sign of life for 60 s",
      usage: unknownUsage,
    });
  });

  test("of a task that never started names no agent and certainly used nothing", () => {
    const life = leads(taskOf());
    life.does(0, { type: "block", reason: "its dependency d failed" });

    expect(resultOf(life.state())).toMatchObject({ agentId: "none", attempts: 0, usage: noUsage });
    expect(resultOf(life.state())).not.toHaveProperty("duration");
  });
});

test.each([
  { parts: [], whole: "blocked" },
  { parts: ["verified"], whole: "verified" },
  { parts: ["verified", "unverified"], whole: "unverified" },
  { parts: ["unverified", "cancelled"], whole: "cancelled" },
  { parts: ["cancelled", "blocked"], whole: "blocked" },
  { parts: ["blocked", "failed", "verified"], whole: "failed" },
] as const)("the verdict of $parts is $whole", ({ parts, whole }) => {
  expect(overallVerdict(parts.map((verdict) => ({ verdict })))).toBe(whole);
});
