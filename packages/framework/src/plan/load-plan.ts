/** Plans from files, standard input and texts. */
import { dirname, resolve } from "node:path";
import { MaiError } from "mai-orchestration-core";
import { type Locate, type Plan, readPlan } from "mai-orchestration-core/plan";
import { readDocument } from "./document.ts";
import { problemError } from "./problem-error.ts";
import { readText, textOf } from "./read-text.ts";

/** A plan and where it came from. @public */
export interface LoadedPlan {
  readonly plan: Plan;
  /** As its reader knows it: the path as given, or `<stdin>`. */
  readonly source: string;
  /** Absolute; `null` when it was not read from a file. */
  readonly file: string | null;
  /** The plan's folder, absolute; the current one for standard input. */
  readonly folder: string;
  /** Finds values in the text, for problems that show later. */
  readonly locate: Locate;
}

/**
 * The plan in a YAML or JSON text. Throws a `MaiError` that lists every mistake
 * as `source:line:column: what (task ID)`; its `cause` is the list of problems.
 *
 * @public
 */
export function parsePlanText(
  text: string,
  source: string,
): { readonly plan: Plan; readonly locate: Locate } {
  const document = readDocument(text);
  if (!document.ok) {
    const problems = document.problems.map((problem) => ({
      ...problem,
      code: "plan.invalid" as const,
      path: [],
      taskId: null,
    }));
    throw problemError(problems, source);
  }
  if (document.data === null) {
    throw new MaiError("plan.invalid", `${source}: the plan is empty`, {
      hint: "Write `version: 1` and a list of `tasks`, or start from `mai init`.",
    });
  }
  const reading = readPlan(document.data, document.locate);
  if (!reading.ok) throw problemError(reading.problems, source);
  return { plan: reading.plan, locate: document.locate };
}

/**
 * The plan in a file, or for `-` the one that `readStdin` resolves to. Rejects
 * with a `MaiError`: `plan.not-found` for a missing file, otherwise as
 * {@link parsePlanText}.
 *
 * @param cwd - the folder that a relative path, and a plan from standard input, belong to
 * @public
 */
export async function loadPlan(
  pathOrDash: string,
  readStdin: () => Promise<string | Uint8Array>,
  cwd: string = process.cwd(),
): Promise<LoadedPlan> {
  if (pathOrDash === "-") return planFromStdin(await readStdin(), cwd);
  const file = resolve(cwd, pathOrDash);
  const reading = await readText(file);
  if (!reading.ok) {
    const code = reading.missing ? "plan.not-found" : "plan.invalid";
    throw new MaiError(code, `${pathOrDash}: the plan ${reading.message}`, { hint: reading.hint });
  }
  const parsed = parsePlanText(reading.text, pathOrDash);
  return { ...parsed, source: pathOrDash, file, folder: dirname(file) };
}

function planFromStdin(input: string | Uint8Array, cwd: string): LoadedPlan {
  const source = "<stdin>";
  const reading = textOf(typeof input === "string" ? new TextEncoder().encode(input) : input);
  if (!reading.ok)
    throw new MaiError("plan.invalid", `${source}: the plan ${reading.message}`, { hint: reading.hint });
  return { ...parsePlanText(reading.text, source), source, file: null, folder: cwd };
}
