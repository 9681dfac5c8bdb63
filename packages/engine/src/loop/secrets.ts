/** What is hidden of all that an attempt says, before anything of it is kept. */
import type { Answer, FarmTask, Receipt } from "mai-orchestration-core";
import { type Redact, redactData, redactor, secretValues } from "mai-orchestration-core/redact";
import type { Agent, AgentOutcome } from "../ports/agent.ts";
import type { Note, Outcome } from "../ports/store.ts";

/** The secrets of one attempt: by their shapes, and the values that its processes are given. */
export interface Secrets {
  readonly values: readonly string[];
  readonly redact: Redact;
}

/** Makes the secrets of attempts; those of one agent are made once. */
export function secretsOf(own: readonly string[]): (agent: Agent, task: FarmTask) => Secrets {
  const ofAgents = new WeakMap<Agent, Secrets>();
  const shapesOnly = secretsFrom(own);
  return (agent, task) => {
    let secrets = shapesOnly;
    if (agent.secrets !== undefined && agent.secrets.length > 0) {
      secrets = ofAgents.get(agent) ?? secretsFrom([...own, ...agent.secrets]);
      ofAgents.set(agent, secrets);
    }
    const ofTask = task.env === undefined ? [] : secretValues(task.env);
    return ofTask.length === 0 ? secrets : secretsFrom([...secrets.values, ...ofTask]);
  };
}

function secretsFrom(values: readonly string[]): Secrets {
  return { values, redact: redactor(values) };
}

export function redactSaid<Said extends AgentOutcome>(redact: Redact, said: Said): Said {
  return {
    ...said,
    output: redact(said.output),
    ...(said.type === "failed" && { reason: redact(said.reason) }),
    ...(said.issues && { issues: said.issues.map(redact) }),
    ...(said.structuredOutput !== undefined && {
      structuredOutput: redactData(redact, said.structuredOutput),
    }),
  };
}

export function redactReceipt(redact: Redact, receipt: Receipt): Receipt {
  const outputTail = redact(receipt.outputTail);
  return outputTail === receipt.outputTail ? receipt : { ...receipt, outputTail };
}

export function redactNote(redact: Redact, note: Note): Note {
  switch (note.type) {
    case "progress":
      return note.message === null ? note : { ...note, message: redact(note.message) };
    case "answer":
      return { ...note, answer: redactAnswer(redact, note.answer) };
    case "check":
      return { ...note, receipt: redactReceipt(redact, note.receipt) };
    case "keep":
      return note;
  }
}

export function redactOutcome(redact: Redact, outcome: Outcome): Outcome {
  switch (outcome.type) {
    case "succeeded":
      return outcome.answer === null ? outcome : { ...outcome, answer: redactAnswer(redact, outcome.answer) };
    case "failed":
      return {
        ...outcome,
        reason: redact(outcome.reason),
        answer: outcome.answer === null ? null : redactAnswer(redact, outcome.answer),
        feedback: outcome.feedback === null ? null : redact(outcome.feedback),
      };
    case "interrupted":
      return outcome.answer ? { ...outcome, answer: redactAnswer(redact, outcome.answer) } : outcome;
    case "lost":
    case "cancelled":
      return outcome;
  }
}

/** Once more where the output was cut: cutting makes nothing new, but issues are added after it. */
function redactAnswer(redact: Redact, answer: Answer): Answer {
  return { ...answer, output: redact(answer.output), issues: answer.issues.map(redact) };
}
