/** What is wrong with a plan or a configuration, where, and what to do about it. */
import type { MaiErrorCode } from "../error.ts";

/** Keys and indexes from the top of a file to a value in it. @public */
export type DataPath = readonly (string | number)[];

/** Where something stands in a text; both counted from 1. @public */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds a value, or the key before it, in the text that it was read from. @public */
export type Locate = (path: DataPath, part?: "key" | "value") => Place | undefined;

/** A mistake in the shape of some data, before it is known whose data it is. @public */
export interface ShapeProblem {
  readonly path: DataPath;
  /** Whether the key itself is at fault, rather than its value. */
  readonly part: "key" | "value";
  readonly message: string;
  readonly hint: string | null;
}

/** One mistake in a plan. @public */
export interface PlanProblem {
  readonly code: MaiErrorCode;
  /** One line, without its place. */
  readonly message: string;
  readonly path: DataPath;
  /** `null` when the plan did not come from a text. */
  readonly place: Place | null;
  readonly taskId: string | null;
  /** What to do about it, in one sentence. */
  readonly hint: string | null;
}

/** A path as people write it: `tasks[3].retry.max_attempts`. @public */
export function pathText(path: DataPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? oneLine(part) : `.${oneLine(part)}`;
  }
  return text;
}

/** One problem in one line: `plan.yaml:12:5: what is wrong (task build)`. @public */
export function formatProblem(problem: PlanProblem, source: string): string {
  const { place, path } = problem;
  const at = place === null ? pathText(path) : `${place.line}:${place.column}`;
  const where = at === "" ? source : `${source}:${place === null ? " " : ""}${at}`;
  const task = problem.taskId === null ? "" : ` (task ${oneLine(problem.taskId)})`;
  return `${where}: ${problem.message}${task}`;
}

/** The problems as somebody reading the text meets them; those without a place keep their order. @internal */
export function inOrderOfText(problems: readonly PlanProblem[]): PlanProblem[] {
  return [...problems].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

/** Text from outside as part of one line: short, and without control characters. @internal */
export function oneLine(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return short.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
