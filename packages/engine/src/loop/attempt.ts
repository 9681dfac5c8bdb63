/** One attempt from its claim to its outcome: the agent, then the checks. Data flows down this file. */
import {
  type Answer,
  type FailureKind,
  formatDuration,
  invariant,
  messageOf,
  type Receipt,
  unknownUsage,
} from "mai-orchestration-core";
import type { AgentOutcome } from "../ports/agent.ts";
import type { RunCheck } from "../ports/checks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Claim, Note, Outcome } from "../ports/store.ts";
import type { Place } from "../ports/workplace.ts";
import { AttemptContext } from "./attempt-context.ts";
import { markOf } from "./mark.ts";
import type { Running } from "./running.ts";

/** Of what an agent said so many characters are kept in the store; all of it is in the output file. */
const outputLimit = 64 * 1024;

/** Milliseconds that a function has to settle after it was told to stop. */
const functionGraceMs = 5_000;

/** What an attempt needs of its engine. */
export interface AttemptPorts {
  readonly clock: Clock;
  readonly runCheck: RunCheck;
  /** Adds to the journal; resolves `false` when the attempt is no longer held. */
  append(claim: Claim, note: Note): Promise<boolean>;
  /** Keeps all of an output that is too long for the store, and names the file. */
  keep(claim: Claim, root: string, output: string): Promise<string>;
  /** Ends what is left of an attempt whose engine died. */
  reap(claim: Claim): Promise<void>;
  /** Waits for one of the few places where checks run at once; `null` when the signal aborts before. */
  withCheckSlot<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null>;
}

/**
 * Runs the agent and then the checks; of an attempt that is adopted, what is open of it. Never rejects but for a store
 * that fails.
 */
export async function runAttempt(ports: AttemptPorts, running: Running, place: Place): Promise<Outcome> {
  const { claim } = running;
  if (claim.task.phase === "verifying") {
    // It has answered, and is paid for. A check that its engine was at may still be running.
    if (running.adopts) await ports.reap(claim);
    return stopOutcome(running, null) ?? verify(ports, running, place);
  }
  const startedAt = claim.task.startedAt ?? ports.clock.now();
  const said = await askAgent(ports, running, place);
  if (said === null) {
    await ports.reap(claim);
    return stopOutcome(running, null) ?? { type: "interrupted", reason: leftNothing };
  }
  const kept = await keepOutput(ports, claim, place, said.output);
  const answer = answerOf(said, kept, ports.clock.now() - startedAt, running.shared);

  const stopped = stopOutcome(running, answer);
  if (stopped !== null) {
    // What was said, and above all what it cost, is kept although it does not count.
    if (!hasSubstance(said)) return stopped;
    if (stopped.type === "interrupted") return { ...stopped, answer };
    if (stopped.type === "cancelled") await ports.append(claim, { type: "answer", answer });
    return stopped;
  }
  if (said.type === "failed") {
    const { reason, kind } = said;
    return {
      type: "failed",
      reason,
      kind,
      answer,
      feedback: feedbackOf(reason, said.output),
      retryAt: said.retryAt ?? null,
    };
  }
  if ((claim.task.spec.verify?.length ?? 0) === 0) return { type: "succeeded", answer };
  if (!(await ports.append(claim, { type: "answer", answer }))) return takenOver;
  return verify(ports, running, place);
}

const leftNothing = "its engine died, and nothing that it left tells how it ended";

/** Whoever holds it now goes on; the store refuses this, and says so in the journal. */
const takenOver: Outcome = { type: "interrupted", reason: "somebody else holds it" };

/** What the agent said; `null` when nothing can be told of what a dead engine left. */
async function askAgent(ports: AttemptPorts, running: Running, place: Place): Promise<AgentOutcome | null> {
  const { claim, agent } = running;
  const { runId, attempt, task } = claim;
  const context = new AttemptContext(ports.clock, running, place, (note) => {
    // A store that fails ends the engine, which sees the rejection itself.
    ports.append(claim, note).catch(() => undefined);
  });
  try {
    const { spec, feedback, sessionId } = task;
    const asked = { runId, task: spec, attempt, feedback, sessionId };
    if (running.adopts) return (await agent.adopt?.(asked, context)) ?? null;
    const answer = agent.run(asked, context);
    const said = await (agent.backend === "function" ? abandonable(ports.clock, running, answer) : answer);
    return typeof said?.output === "string" ? said : broken(`${agent.agentId} gave no outcome`);
  } catch (error) {
    // The contract says that run never rejects; an agent of the user's own may not know.
    return broken(messageOf(error));
  } finally {
    context.close();
  }
}

/**
 * A function cannot be killed. One that does not settle in time after it was
 * told to stop is given up: its slot is free, and what it says later counts
 * for nothing.
 */
async function abandonable(
  clock: Clock,
  running: Running,
  asked: Promise<AgentOutcome>,
): Promise<AgentOutcome> {
  let stopTimer = (): void => undefined;
  const givenUp = new Promise<AgentOutcome>((resolve) => {
    running.onStop = () => {
      const outcome = broken("the function did not stop when it was told to");
      stopTimer = clock.timer(functionGraceMs, () => resolve(outcome), true);
    };
    if (running.cause !== null) running.onStop();
  });
  try {
    return await Promise.race([asked, givenUp]);
  } finally {
    running.onStop = null;
    stopTimer();
  }
}

function broken(reason: string): AgentOutcome {
  return { type: "failed", reason, kind: "task", output: "", usage: unknownUsage };
}

async function verify(ports: AttemptPorts, running: Running, place: Place): Promise<Outcome> {
  const { spec } = running.claim.task;
  for (const check of spec.verify ?? []) {
    const receipt = await ports.withCheckSlot(running.signal, () =>
      ports.runCheck(check, {
        ...place,
        signal: running.signal,
        env: spec.env ?? {},
        mark: markOf(running.claim),
      }),
    );
    const stopped = stopOutcome(running, null);
    if (stopped !== null) return stopped;
    invariant(receipt !== null, "only an attempt that was stopped gets no place for its check");
    if (!(await ports.append(running.claim, { type: "check", receipt }))) return takenOver;
    if (!receipt.passed) return checkFailed(receipt);
  }
  return { type: "succeeded", answer: null };
}

function checkFailed(receipt: Receipt): Outcome {
  const how = receipt.exitCode === null ? "did not end in time" : `exited with ${receipt.exitCode}`;
  const reason = `check failed: ${receipt.command} ${how}`;
  return {
    type: "failed",
    reason,
    kind: "check",
    answer: null,
    feedback: feedbackOf(reason, receipt.outputTail),
    retryAt: null,
  };
}

/** The outcome of an attempt that was told to stop; `null` when it was not. */
function stopOutcome(running: Running, answer: Answer | null): Outcome | null {
  const { timeout, idleTimeout } = running.claim.task.spec;
  switch (running.cause) {
    case null:
      return null;
    case "cancelled":
      return { type: "cancelled" };
    case "interrupted":
    case "lost":
      return { type: "interrupted", reason: `its engine stopped (${running.cause})` };
    case "timeout":
      return timedOut(`timed out after ${formatDuration(timeout ?? 0)}`, answer);
    case "idle":
      return timedOut(`silent for ${formatDuration(idleTimeout ?? 0)}`, answer);
  }
}

function timedOut(reason: string, answer: Answer | null): Outcome {
  const kind: FailureKind = "timeout";
  return { type: "failed", reason, kind, answer, feedback: feedbackOf(reason, ""), retryAt: null };
}

interface KeptOutput {
  readonly outputFile: string | null;
  /** Why not all of it could be kept. */
  readonly issues: readonly string[];
}

/** A disk that is full costs the rest of a long output, and not the answer. */
async function keepOutput(
  ports: AttemptPorts,
  claim: Claim,
  place: Place,
  output: string,
): Promise<KeptOutput> {
  if (place.outputFile !== "") return { outputFile: place.outputFile, issues: [] };
  if (output.length <= outputLimit) return { outputFile: null, issues: [] };
  try {
    return { outputFile: await ports.keep(claim, place.root, output), issues: [] };
  } catch (error) {
    return { outputFile: null, issues: [`the whole output could not be kept: ${messageOf(error)}`] };
  }
}

function answerOf(said: AgentOutcome, kept: KeptOutput, durationMs: number, shared: boolean): Answer {
  return {
    output: cut(said.output),
    outputFile: kept.outputFile,
    artifacts: said.artifacts ?? [],
    issues: [...(said.issues ?? []), ...kept.issues],
    sessionId: said.sessionId ?? null,
    usage: said.usage,
    durationMs: Math.max(0, durationMs),
    sharedWorkspace: shared,
  };
}

function cut(output: string): string {
  if (output.length <= outputLimit) return output;
  const half = outputLimit / 2 - 64;
  return `${output.slice(0, half)}\n[... ${output.length - 2 * half} characters left out ...]\n${output.slice(-half)}`;
}

function hasSubstance(said: AgentOutcome): boolean {
  return said.type === "answered" || said.usage.outputTokens !== null || said.usage.costUsd !== null;
}

function feedbackOf(reason: string, output: string): string {
  return output.trim() === "" ? reason : `${reason}\n\n${output.trim().slice(-4096)}`;
}
