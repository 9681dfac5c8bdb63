import type { AgentPerspective, DissentReport } from "../result.ts";
import { vetoesOf } from "./level.ts";
import { sameText } from "./same-text.ts";

/** Who does not approve, and what for; `undefined` when all do. @public */
export function generateDissentReport(perspectives: readonly AgentPerspective[]): DissentReport | undefined {
  const dissenting = perspectives.filter(({ position }) => position !== "approve");
  if (dissenting.length === 0) return undefined;
  const shared = new Set(
    perspectives
      .filter(({ position }) => position === "approve")
      .flatMap(({ concerns }) => concerns.map(sameText)),
  );
  const unique = new Map<string, string>();
  for (const concern of dissenting.flatMap(({ concerns }) => concerns)) {
    const key = sameText(concern);
    if (!shared.has(key) && !unique.has(key)) unique.set(key, concern);
  }
  return {
    dissentCount: dissenting.length,
    dissenters: dissenting.map(({ agent }) => agent.name),
    uniqueConcerns: [...unique.values()],
    hasVetoPower: vetoesOf(perspectives).length > 0,
    summary: dissenting.map(summaryOf).join("; "),
  };
}

const verbs = { approve: "approves", block: "blocks", defer: "defers", neutral: "is neutral" } as const;

function summaryOf({ agent, position, concerns }: AgentPerspective): string {
  const what = concerns.length === 0 ? "" : `: ${concerns.join(", ")}`;
  return `${agent.name} ${verbs[position]}${what}`;
}
