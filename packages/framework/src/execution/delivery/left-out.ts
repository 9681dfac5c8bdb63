/** Why verified work that was to be delivered is not. */
import type { DeliveryState, FarmTask, TaskState } from "mai-orchestration-core";

/** @internal */
export interface LeftOutInput {
  readonly tasks: readonly TaskState[];
  /** Tasks whose work is where it belongs. */
  readonly inside: ReadonlySet<string>;
  /** About to be added to the run: what they are about is not decided. */
  readonly resolvers: readonly FarmTask[];
  readonly state: DeliveryState;
}

/** The reasons, by task. @internal */
export function whyLeft(input: LeftOutInput): ReadonlyMap<string, string> {
  const left = new Map<string, string>();
  for (const { spec, end } of input.tasks) {
    if ((spec.deliver ?? "branch") === "branch" || end?.verdict !== "verified") continue;
    const reason = reasonFor(spec, input);
    if (reason !== null) left.set(spec.taskId, reason);
  }
  return left;
}

function reasonFor(spec: FarmTask, { tasks, inside, resolvers, state }: LeftOutInput): string | null {
  if (inside.has(spec.taskId)) return null;
  const to = spec.target === undefined ? "" : ` to ${spec.target}`;
  const word = state.tasks.get(spec.taskId);
  switch (word?.type) {
    case "delivery.offered":
    case "delivery.merged":
      return null;
    case "delivery.failed":
      return `not delivered${to}: ${word.reason}`;
    case "delivery.conflicted": {
      const where = word.files.length === 0 ? "" : ` in ${word.files.slice(0, 5).join(", ")}`;
      const conflict = `not delivered${to}: it contradicts what is there${where}`;
      if (word.resolver === null) return conflict;
      if (resolvers.some(({ taskId }) => taskId === word.resolver)) return null;
      const resolver = tasks.find((task) => task.spec.taskId === word.resolver);
      return `${conflict}, and ${word.resolver} did not resolve it (${resolver?.end?.verdict ?? "it was not done"})`;
    }
    default:
      return `not delivered${to}: there is no such branch any more`;
  }
}
