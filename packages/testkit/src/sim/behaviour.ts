/** What an agent does in one attempt, and how a check goes: decided by the seed and the attempt alone. */
import { type FailureKind, noUsage, type Usage, unknownUsage } from "mai-orchestration-core";
import type { AgentOutcome, AgentReport } from "mai-orchestration-engine";
import type { Machine } from "./machine.ts";
import type { Random } from "./random.ts";

export interface Behaviour {
  /** Milliseconds until it settles by itself; `null`: never. */
  readonly durationMs: number | null;
  /** What `run` settles with; anything at all when the agent is broken. */
  readonly outcome: AgentOutcome;
  readonly isAnswer: boolean;
  readonly rejects: boolean;
  /** Milliseconds from being told to stop to the end of its process. */
  readonly stopMs: number;
  readonly answersAfterStop: boolean;
  /** Milliseconds from its start during which its process is busy, whatever it says. */
  readonly busyMs: number;
  readonly reports: readonly { readonly afterMs: number; readonly report: AgentReport }[];
}

export function drawBehaviour(machine: Machine, random: Random): Behaviour {
  const durationMs = random.pick([0, 1, random.int(2, 1_000), random.int(1_000, 60_000)]);
  const hangs = machine.fault(random, "agentHangs");
  const rejects = machine.fault(random, "agentRejects");
  const garbage = machine.fault(random, "agentGarbage");
  const outcome = garbage ? drawGarbage(random) : drawOutcome(machine, random);
  return {
    durationMs: hangs ? null : durationMs,
    outcome,
    isAnswer: !rejects && outcome?.type === "answered",
    rejects,
    stopMs: random.pick([0, 0, 1, random.int(2, 5_000)]),
    answersAfterStop: machine.fault(random, "agentAnswersLate"),
    reports: drawReports(machine, random, durationMs, garbage),
    busyMs: random.pick([0, 0, random.int(1, 60_000)]),
  };
}

export const answered: AgentOutcome = { type: "answered", output: "done", usage: noUsage };
export const stopped: AgentOutcome = {
  type: "failed",
  reason: "stopped before it was done",
  kind: "transient",
  output: "",
  usage: unknownUsage,
};

function drawOutcome(machine: Machine, random: Random): AgentOutcome {
  const failure = (kind: FailureKind, retryAt?: number): AgentOutcome => ({
    type: "failed",
    reason: `no luck (${kind})`,
    kind,
    output: random.pick(["", "I tried."]),
    usage: unknownUsage,
    ...(retryAt === undefined ? {} : { retryAt }),
  });
  if (machine.fault(random, "agentFails")) return failure(random.pick(["task", "task", "timeout"]));
  if (machine.fault(random, "agentTransient")) return failure("transient");
  if (machine.fault(random, "agentPermanent")) return failure(random.pick(["permanent", "login"]));
  if (machine.fault(random, "agentQuota")) {
    const wait = random.pick([null, -5_000, 0, 500, random.int(1_000, 120_000)]);
    return wait === null ? failure("quota") : failure("quota", machine.now() + wait);
  }
  const sessionId = random.pick([null, `session ${random.int(1, 1_000)}`]);
  const usage = random.pick([noUsage, unknownUsage]);
  return { ...answered, usage: usage === noUsage ? drawUsage(random.fork("cost")) : usage, sessionId };
}

function drawUsage(random: Random): Usage {
  return random.chance(0.7) ? { ...noUsage, outputTokens: 10, costUsd: random.int(1, 9) / 10 } : noUsage;
}

function drawGarbage(random: Random): AgentOutcome {
  const garbage: readonly [unknown, ...unknown[]] = [
    undefined,
    null,
    "done",
    {},
    { type: "answered" },
    { type: "failed", reason: "x" },
    { ...answered, output: "x".repeat(70_000) },
  ];
  return random.pick(garbage) as AgentOutcome;
}

function drawReports(
  machine: Machine,
  random: Random,
  durationMs: number,
  garbage: boolean,
): Behaviour["reports"] {
  const lateMs = machine.fault(random, "agentReportsLate") ? 3_000 : 0;
  return Array.from({ length: random.pick([0, 0, 1, 4]) }, () => ({
    afterMs: random.int(0, durationMs + lateMs),
    report: {
      ...(random.chance(0.7) ? { progress: drawProgress(random, garbage) } : {}),
      ...(random.chance(0.5) ? { message: "working" } : {}),
      ...(random.chance(0.2) ? { sessionId: "session 0" } : {}),
    },
  }));
}

function drawProgress(random: Random, garbage: boolean): number {
  return garbage ? random.pick([Number.NaN, -5, 1_000, Number.POSITIVE_INFINITY]) : random.int(0, 100);
}
