/** Problems of a file as the one error that callers get. */
import { MaiError } from "mai-orchestration-core";
import { formatProblem, type PlanProblem } from "mai-orchestration-core/plan";

const mostShown = 50;

/**
 * An error with the code of the first problem, one line for each, and the
 * problems themselves as its `cause`.
 *
 * @param source - the name of the file as its reader knows it
 * @public
 */
export function problemError(problems: readonly PlanProblem[], source: string): MaiError {
  const lines = problems.slice(0, mostShown).map((problem) => formatProblem(problem, source));
  if (problems.length > mostShown) lines.push(`... and ${problems.length - mostShown} more problems`);
  const [first] = problems;
  const hint = first?.hint ?? undefined;
  return new MaiError(first?.code ?? "plan.invalid", lines.join("\n"), {
    cause: problems,
    ...(hint === undefined ? {} : { hint }),
  });
}
