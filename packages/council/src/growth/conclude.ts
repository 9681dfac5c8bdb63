/** How the task of a council ends, in the words that its result keeps. */
import type { CouncilResult } from "../result.ts";

/** @internal */
export interface Conclusion {
  /** Markdown. */
  readonly output: string;
  /** Why it is not a success; `null` when it is one. */
  readonly reason: string | null;
}

/** A decision that is held is no success, and neither is work that the panel does not approve. @internal */
export function conclude(result: CouncilResult): Conclusion {
  const { synthesis, reviews } = result;
  const open = reviews.filter(({ verdict }) => verdict !== "approve");
  const reason =
    synthesis.hold !== null
      ? `held: ${synthesis.hold}`
      : open.length > 0
        ? `${open.length} of ${reviews.length} action items not approved: ${open.map(openText).join("; ")}`
        : null;
  return { output: outputOf(result), reason };
}

function openText({ taskId, verdict }: CouncilResult["reviews"][number]): string {
  return `${taskId} (${verdict === "block" ? "blocked" : "deferred"})`;
}

function outputOf({ session, synthesis, actionItems, reviews }: CouncilResult): string {
  const percent = Math.round(synthesis.confidence * 100);
  const lines = [
    `Decision ${session.id}: ${synthesis.decision}`,
    `Consensus: ${synthesis.consensusLevel}, confidence ${percent}%, ${session.rounds.length} round(s)`,
    synthesis.rationale,
    ...(synthesis.dissent === undefined ? [] : [`Dissent: ${synthesis.dissent}`]),
    ...actionItems.map(({ task, owner, priority }) => `- ${task} (${owner}, ${priority})`),
    ...reviews.map(
      ({ taskId, verdict, tries, reasons }) =>
        `Review of ${taskId}: ${verdict}, try ${tries}${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`,
    ),
  ];
  return lines.join("\n");
}
