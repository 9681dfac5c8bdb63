/** One attempt from its claim to its outcome: the agent, then the checks, then what is kept. Data flows down this file. */
import { type Answer, messageOf, unknownUsage, type Work } from "mai-orchestration-core";
import type { Redact } from "mai-orchestration-core/redact";
import type { AgentOutcome } from "../ports/agent.ts";
import type { RunCheck } from "../ports/checks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Claim, Note, Outcome } from "../ports/store.ts";
import type { Vitals } from "../ports/vitals.ts";
import type { Place } from "../ports/workplace.ts";
import { AttemptContext } from "./attempt-context.ts";
import { feedbackOf } from "./feedback.ts";
import type { Running } from "./running.ts";
import { redactNote, redactReceipt, redactSaid } from "./secrets.ts";
import { stopOutcome, takenOver } from "./stop-outcome.ts";
import { type Verified, verify } from "./verify.ts";

/** Of what an agent said so many characters are kept in the store; all of it is in the output file. */
const outputLimit = 64 * 1024;

/** Milliseconds that a function has to settle after it was told to stop. */
const functionGraceMs = 5_000;

/** What an attempt needs of its engine. */
export interface AttemptPorts {
  readonly clock: Clock;
  readonly vitals: Vitals | null;
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
 * Runs the agent and then the checks, of an attempt that is adopted what is open of it, and keeps what they left. Never
 * rejects but for a store that fails.
 */
export async function runAttempt(given: AttemptPorts, running: Running, place: Place): Promise<Outcome> {
  const ports = discreet(given, running.secrets.redact);
  const { outcome, receipts } = await work(ports, running, place);
  if (place.own === undefined || outcome.type === "interrupted") return outcome;
  let kept: Work | null;
  try {
    kept = await place.own.finish({ succeeded: outcome.type === "succeeded", receipts });
  } catch (error) {
    return outcome.type === "cancelled" ? outcome : notKept(outcome, messageOf(error));
  }
  if (kept === null) return outcome;
  // Before the outcome: whatever dies from here on, the work is safe and the journal says where.
  const { claim } = running;
  const answer = outcome.type === "succeeded" ? outcome.answer : null;
  if (answer !== null && !(await ports.append(claim, { type: "answer", answer }))) return takenOver;
  if (!(await ports.append(claim, { type: "keep", work: kept }))) return takenOver;
  return answer === null ? outcome : { type: "succeeded", answer: null };
}

/** The same, but nothing that passes through them shows a secret. */
function discreet(ports: AttemptPorts, redact: Redact): AttemptPorts {
  return {
    ...ports,
    append: (claim, note) => ports.append(claim, redactNote(redact, note)),
    runCheck: async (check, context) => redactReceipt(redact, await ports.runCheck(check, context)),
  };
}

/** What cannot be kept is no success; it stays in the workspace, which nobody removes then. */
function notKept(outcome: Exclude<Outcome, { type: "cancelled" }>, why: string): Outcome {
  const reason = `what it left could not be kept: ${why}`;
  const answer = "answer" in outcome ? outcome.answer : null;
  if (outcome.type === "failed")
    return {
      ...outcome,
      feedback: `${outcome.feedback ?? outcome.reason}\n\n${reason}`,
    };
  return { type: "failed", reason, kind: "transient", answer, feedback: reason, retryAt: null };
}

async function work(ports: AttemptPorts, running: Running, place: Place): Promise<Verified> {
  const { claim } = running;
  if (claim.task.phase === "verifying") {
    // It has answered, and is paid for. A check that its engine was at may still be running.
    if (running.adopts) await ports.reap(claim);
    const stopped = stopOutcome(running, null);
    return stopped === null ? verify(ports, running, place) : withoutChecks(stopped);
  }
  const startedAt = claim.task.startedAt ?? ports.clock.now();
  const told = await askAgent(ports, running, place);
  if (told === null) {
    await ports.reap(claim);
    return withoutChecks(stopOutcome(running, null) ?? { type: "interrupted", reason: leftNothing });
  }
  const said = redactSaid(running.secrets.redact, told);
  const kept = await keepOutput(ports, claim, place, said.output);
  const answer = answerOf(said, kept, ports.clock.now() - startedAt, running.shared);

  const stopped = stopOutcome(running, answer);
  if (stopped !== null) {
    // What was said, and above all what it cost, is kept although it does not count.
    if (!hasSubstance(said)) return withoutChecks(stopped);
    if (stopped.type === "interrupted") return withoutChecks({ ...stopped, answer });
    if (stopped.type === "cancelled") await ports.append(claim, { type: "answer", answer });
    return withoutChecks(stopped);
  }
  if (said.type === "failed") {
    const { reason, kind, retryAt = null } = said;
    const feedback = feedbackOf(reason, said.output);
    return withoutChecks({ type: "failed", reason, kind, answer, feedback, retryAt });
  }
  if ((claim.task.spec.verify?.length ?? 0) === 0) return withoutChecks({ type: "succeeded", answer });
  if (!(await ports.append(claim, { type: "answer", answer }))) return withoutChecks(takenOver);
  return verify(ports, running, place);
}

function withoutChecks(outcome: Outcome): Verified {
  return { outcome, receipts: [] };
}

const leftNothing = "its engine died, and nothing that it left tells how it ended";

/** What the agent said; `null` when nothing can be told of what a dead engine left. */
async function askAgent(ports: AttemptPorts, running: Running, place: Place): Promise<AgentOutcome | null> {
  const { claim, agent } = running;
  const { runId, attempt, task } = claim;
  const context = new AttemptContext(ports, running, place, (note) => {
    // A store that fails ends the engine, which sees the rejection itself.
    ports.append(claim, note).catch(() => undefined);
  });
  try {
    const { spec, feedback, sessionId } = task;
    const asked = { runId, task: spec, attempt, feedback, sessionId };
    if (running.adopts) {
      const left = (await agent.adopt?.(asked, context)) ?? null;
      return left === null ? null : sound(left, agent.agentId);
    }
    const answer = agent.run(asked, context);
    const said = await (agent.backend === "function" ? abandonable(ports.clock, running, answer) : answer);
    return sound(said, agent.agentId);
  } catch (error) {
    if (running.adopts) await ports.reap(claim);
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

function sound(said: AgentOutcome | undefined, agentId: string): AgentOutcome {
  return typeof said?.output === "string" ? said : broken(`${agentId} gave no outcome`);
}

function broken(reason: string): AgentOutcome {
  return { type: "failed", reason, kind: "task", output: "", usage: unknownUsage };
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
    ...(said.models !== undefined && { models: said.models }),
    durationMs: Math.max(0, durationMs),
    sharedWorkspace: shared,
    ...(said.structuredOutput !== undefined && { structuredOutput: said.structuredOutput }),
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
