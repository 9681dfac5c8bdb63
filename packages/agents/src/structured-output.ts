/**
 * Answers as data. The one place where what any agent said is held against its
 * task's `outputSchema`; a backend may hand over data of its own making, and
 * otherwise the text it answered is read.
 */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { type FarmTask, messageOf, schemaFault } from "mai-orchestration-core";
import type { AgentOutcome } from "mai-orchestration-engine";
import { oneLine, outputBytes } from "./text.ts";

const mostFaults = 5;

/**
 * The outcome of a task that may have an `outputSchema`: an answer that fits
 * it carries it as `structuredOutput`; one that does not has failed, and its
 * reason says where. Without a schema the outcome is the one that was given.
 *
 * @public
 */
export function withStructuredOutput(task: FarmTask, outcome: AgentOutcome): AgentOutcome {
  const schema = task.outputSchema;
  if (schema === undefined || outcome.type === "failed") return withoutData(outcome);
  const found =
    outcome.structuredOutput === undefined ? readData(outcome.output) : { data: outcome.structuredOutput };
  if (found === null)
    return failed(outcome, "the answer is no JSON, and the task's outputSchema asks for some");
  try {
    const fault = faultOf(found.data, schema);
    return fault === null ? { ...outcome, structuredOutput: found.data } : failed(outcome, fault);
  } catch (error) {
    return { ...failed(outcome, `outputSchema cannot be used: ${messageOf(error)}`), kind: "permanent" };
  }
}

/** Nobody checked it, so nobody may believe it. */
function withoutData(outcome: AgentOutcome): AgentOutcome {
  if (outcome.structuredOutput === undefined) return outcome;
  const { structuredOutput: _, ...rest } = outcome;
  return rest;
}

function faultOf(data: unknown, schema: NonNullable<FarmTask["outputSchema"]>): string | null {
  const broken = schemaFault(schema);
  if (broken !== null) throw new Error(`${broken.path.join(".") || "it"} ${broken.message}`);
  const bytes = Buffer.byteLength(JSON.stringify(data) ?? "");
  if (bytes > outputBytes) return `the answer's data is ${bytes} bytes long; at most ${outputBytes} are kept`;
  const { valid, errors } = new Validator(schema, "2020-12", false).validate(data);
  return valid ? null : `the answer does not fit the task's outputSchema: ${faultsOf(errors)}`;
}

/** What lies deepest says most: a property that "does not match" says less than the reason why. */
function faultsOf(errors: readonly OutputUnit[]): string {
  const telling = errors.filter(
    (error) => !errors.some(({ keywordLocation: deeper }) => deeper.startsWith(`${error.keywordLocation}/`)),
  );
  const faults = telling.map(({ instanceLocation, error }) => `${placeOf(instanceLocation)}: ${error}`);
  const more = faults.length > mostFaults ? `; and ${faults.length - mostFaults} more` : "";
  return faults.slice(0, mostFaults).join("; ") + more;
}

function placeOf(location: string): string {
  return location === "#" ? "the whole" : location.slice(1);
}

function failed(outcome: AgentOutcome, reason: string): AgentOutcome & { type: "failed" } {
  const { output, usage, artifacts, issues, sessionId } = outcome;
  return {
    ...{ type: "failed", kind: "task", reason: oneLine(reason, 1_000), output, usage },
    ...(artifacts !== undefined && { artifacts }),
    ...(issues !== undefined && { issues }),
    ...(sessionId !== undefined && { sessionId }),
  };
}

/**
 * The data in an answer's text: the whole of it, the last fenced block of JSON, or the last line;
 * `null` when none of these is JSON.
 */
function readData(text: string): { readonly data: unknown } | null {
  const blocks = [...text.matchAll(/^```(?:json)?[ \t]*\n(.*?)\n```[ \t]*$/gms)].map(([, block]) => block);
  for (const candidate of [text, blocks.at(-1), text.trimEnd().split("\n").at(-1)]) {
    try {
      if (candidate !== undefined) return { data: JSON.parse(candidate) as unknown };
    } catch {
      // Then the next.
    }
  }
  return null;
}
