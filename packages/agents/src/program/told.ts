/** What an agent program has told so far, the same for every program that prints one event a line. Pure. */
import type { FailureKind, Usage } from "mai-orchestration-core";
import { headOf, oneLine, outputBytes } from "../text.ts";

/** How a program says that its work ended. @internal */
export type Ending =
  | { readonly type: "answered" }
  | {
      readonly type: "failed";
      readonly kind: FailureKind;
      readonly reason: string;
      /** When a quota opens again, Unix milliseconds. */
      readonly retryAt?: number;
      /** Whether the model's service refused the request, so that it charged nothing for it. */
      readonly refused: boolean;
    };

/** @internal */
export interface Told {
  readonly sessionId: string | null;
  /** The last that the model said. */
  readonly text: string;
  /** `null` until something tells it. */
  readonly usage: Usage | null;
  readonly ending: Ending | null;
  /** What was refused, by the id of the tool's call. */
  readonly denials: Readonly<Record<string, string>>;
  /** Requests to its model that the program made again by itself. */
  readonly retries: number;
  /** Calls under way: what they do, and the file they write. */
  readonly calls: Readonly<Record<string, Call>>;
  /** Files written, in order. */
  readonly written: readonly string[];
  /** The last line that is no event, such as the complaint of a program that refuses its arguments. */
  readonly plainLine: string;
  /** What it does at the moment, for people. */
  readonly now: string;
  /** Whether the last text may go on with the next line. */
  readonly speaking: boolean;
  /** Whether, as far as its lines tell, it waits for its model and runs no tool. */
  readonly waits: boolean;
}

/** One call of a tool. @internal */
export interface Call {
  readonly what: string;
  readonly file: string | null;
}

const mostDenials = 50;
const mostFiles = 200;

/** @internal */
export const nothingTold: Told = {
  ...{ sessionId: null, text: "", usage: null, ending: null, denials: {}, retries: 0, calls: {} },
  ...{ written: [], plainLine: "", now: "", speaking: false, waits: true },
};

/** The model said something to people. @internal */
export function said(told: Told, text: string): Told {
  const now = text.trim() === "" ? told.now : oneLine(text, 160);
  return { ...told, text: headOf(text, outputBytes), now };
}

/** A tool was called. @internal */
export function called(told: Told, id: string, call: Call): Told {
  return { ...told, calls: { ...told.calls, [id]: call }, now: call.what };
}

/** A call came back. What it wrote counts only if it succeeded. @internal */
export function returned(told: Told, id: string, how: "done" | "failed" | "denied"): Told {
  const { [id]: call, ...calls } = told.calls;
  if (call === undefined) return how === "denied" ? denied(told, id, "a tool") : told;
  const next = { ...told, calls };
  if (how === "denied") return denied(next, id, call.what);
  return how === "done" && call.file !== null ? wrote(next, call.file) : next;
}

/** Something was refused to the agent; told once for each call. @internal */
export function denied(told: Told, id: string, what: string): Told {
  if (id in told.denials || Object.keys(told.denials).length >= mostDenials) return told;
  return { ...told, denials: { ...told.denials, [id]: what } };
}

/** @internal */
export function wrote(told: Told, file: string): Told {
  if (told.written.length >= mostFiles || told.written.includes(file)) return told;
  return { ...told, written: [...told.written, file] };
}

/** A line that is no event. @internal */
export function muttered(told: Told, line: string): Told {
  const plainLine = oneLine(line);
  return plainLine === "" ? told : { ...told, plainLine };
}

/** A tool's call in a few words: `bash (npm test)`. @internal */
export function callOf(name: string, input: Readonly<Record<string, unknown>>): string {
  const telling = [
    "command",
    "cmd",
    "file_path",
    "filePath",
    "path",
    "pattern",
    "url",
    "query",
    "description",
  ];
  const detail = telling.map((key) => input[key]).find((value) => typeof value === "string" && value !== "");
  return typeof detail === "string" ? `${name} (${oneLine(detail, 160)})` : name;
}
