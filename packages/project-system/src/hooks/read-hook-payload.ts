/** Reads a payload. What is wrong with it is said in one line, and is a value: a hook never throws at a session. */
import { messageOf } from "mai-orchestration-core/errors";
import { oneLine, shorten } from "../text.ts";
import { idAt, isValues, listAt, textAt, type Values } from "../transcript/values.ts";
import {
  type BackgroundTask,
  type HookEvent,
  type HookPayload,
  type HookPayloadBase,
  type HookPayloadRead,
  hookEvents,
} from "./hook-payload.ts";

/** @internal */
export const maxPayloadChars: number = 16 * 1024 * 1024;

/**
 * Reads what Claude Code wrote to a hook. Fields that are not known are passed
 * over; a field that is missing, or a path that no shell made absolute (such as
 * a literal `$HOME`), is a problem.
 *
 * @param expected - the event that the hook was registered for. A payload of
 * another one is a problem, and a payload that names none, as in the
 * original's time, is taken for it.
 *
 * @public
 */
export function readHookPayload(text: string, expected?: HookEvent): HookPayloadRead {
  const fields = readFields(text);
  if (typeof fields === "string") return problem(fields);
  const event = eventOf(fields, expected);
  if (typeof event !== "object") return problem(event);
  const missing = [...commonFields, ...ownFields[event.name]].find((key) => idAt(fields, key) === undefined);
  if (missing !== undefined) return problem(describeMissing(fields, missing));
  const wrongPath = pathFields.map((key) => pathProblem(fields, key)).find((each) => each !== undefined);
  return wrongPath === undefined ? { ok: true, payload: payloadOf(event.name, fields) } : problem(wrongPath);
}

const commonFields: readonly string[] = ["session_id", "transcript_path", "cwd"];
const ownFields: Readonly<Record<HookEvent, readonly string[]>> = {
  PreCompact: ["trigger"],
  SessionStart: ["source"],
  SubagentStop: ["agent_id"],
  Stop: [],
  SessionEnd: ["reason"],
};
const pathFields: readonly string[] = ["cwd", "transcript_path", "agent_transcript_path"];

function problem(what: string): HookPayloadRead {
  return { ok: false, problem: `hook payload: ${shorten(oneLine(what), 300)}` };
}

function readFields(text: string): Values | string {
  if (text.trim() === "") return "it is empty; Claude Code writes one JSON object to a hook's standard input";
  if (text.length > maxPayloadChars)
    return `it has ${text.length} characters; the limit is ${maxPayloadChars}`;
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return isValues(value) ? value : "it is not a JSON object";
  } catch (error) {
    return `it is not JSON (${messageOf(error)})`;
  }
}

function eventOf(fields: Values, expected: HookEvent | undefined): { readonly name: HookEvent } | string {
  if (fields["hook_event_name"] === undefined && expected !== undefined) return { name: expected };
  const told = textAt(fields, "hook_event_name");
  if (told === undefined) return describeMissing(fields, "hook_event_name");
  const name = hookEvents.find((each) => each === told);
  if (name === undefined) return `hook_event_name ${told} is not one of ${hookEvents.join(", ")}`;
  return expected === undefined || name === expected
    ? { name }
    : `it is of ${name}, but this hook is for ${expected}`;
}

function describeMissing(fields: Values, key: string): string {
  return fields[key] === undefined ? `${key} is missing` : `${key} is not a text with something in it`;
}

function pathProblem(fields: Values, key: string): string | undefined {
  const path = textAt(fields, key);
  if (path === undefined || (path === "" && key === "agent_transcript_path")) return undefined;
  if (/\$HOME\b|\$\{HOME\}/.test(path)) return `${key} holds a literal $HOME (${path}); give the path itself`;
  if (path.includes("\0")) return `${key} holds a NUL character`;
  return path.startsWith("/") ? undefined : `${key} is not an absolute path (${path})`;
}

function payloadOf(event: HookEvent, fields: Values): HookPayload {
  const text = (key: string): string => idAt(fields, key) ?? "";
  const base: HookPayloadBase = {
    sessionId: text("session_id"),
    transcriptPath: text("transcript_path"),
    cwd: text("cwd"),
  };
  switch (event) {
    case "PreCompact":
      return {
        ...base,
        event,
        trigger: text("trigger"),
        ...optional(fields, "customInstructions", "custom_instructions"),
      };
    case "SessionStart":
      return { ...base, event, source: text("source"), ...optional(fields, "model", "model") };
    case "SubagentStop":
      return {
        ...base,
        event,
        agentId: text("agent_id"),
        agentType: text("agent_type"),
        ...optional(fields, "agentTranscriptPath", "agent_transcript_path"),
        ...stopFields(fields),
      };
    case "Stop":
      return { ...base, event, ...stopFields(fields) };
    case "SessionEnd":
      return { ...base, event, reason: text("reason") };
  }
}

interface StopFields {
  readonly stopHookActive: boolean;
  readonly backgroundTasks: readonly BackgroundTask[];
  readonly lastAssistantMessage?: string;
}

function stopFields(fields: Values): StopFields {
  return {
    stopHookActive: fields["stop_hook_active"] === true,
    backgroundTasks: listAt(fields, "background_tasks").filter(isValues).flatMap(backgroundTask),
    ...optional(fields, "lastAssistantMessage", "last_assistant_message"),
  };
}

function backgroundTask(values: Values): readonly BackgroundTask[] {
  const id = idAt(values, "id", "task_id");
  if (id === undefined) return [];
  return [
    {
      id,
      ...optional(values, "type", "type"),
      ...optional(values, "status", "status"),
      ...optional(values, "description", "description"),
    },
  ];
}

/** The field under its name here, if it is there and not empty. */
function optional<Name extends string>(
  fields: Values,
  name: Name,
  key: string,
): { readonly [name in Name]?: string } {
  const value = textAt(fields, key);
  return (value === undefined || value === "" ? {} : { [name]: value }) as {
    readonly [name in Name]?: string;
  };
}
