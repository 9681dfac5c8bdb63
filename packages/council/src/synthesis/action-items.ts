/** From what a panel recommends to what is to be done. */
import type { ActionItem, AgentPerspective, CouncilAgent } from "../result.ts";
import { sameText } from "./same-text.ts";

const mostRecommendations = 5;

/** A recommendation and who made it. */
export interface Supported {
  readonly text: string;
  readonly by: readonly CouncilAgent[];
}

/** What is recommended, once for all who do, those with the most support first; at most five. @internal */
export function supportedRecommendations(perspectives: readonly AgentPerspective[]): readonly Supported[] {
  const found = new Map<string, { readonly text: string; readonly by: CouncilAgent[] }>();
  for (const { agent, recommendations } of perspectives) {
    for (const text of recommendations) {
      const entry = found.get(sameText(text)) ?? { text: text.trim(), by: [] };
      if (entry.text !== "" && !entry.by.includes(agent)) entry.by.push(agent);
      if (entry.text !== "") found.set(sameText(text), entry);
    }
  }
  return [...found.values()].sort((a, b) => b.by.length - a.by.length).slice(0, mostRecommendations);
}

/**
 * What is to be done: the recommendations, to who knows most about each. `high` when more than half of the panel
 * recommend it, else `medium`.
 *
 * @public
 */
export function actionItemsOf(perspectives: readonly AgentPerspective[]): ActionItem[] {
  const panel = perspectives.map(({ agent }) => agent);
  return supportedRecommendations(perspectives).map(({ text, by }) => ({
    task: text,
    owner: ownerOf(text, panel)?.name ?? "Unassigned",
    priority: by.length > panel.length / 2 ? "high" : "medium",
  }));
}

function ownerOf(text: string, panel: readonly CouncilAgent[]): CouncilAgent | undefined {
  const words = sameText(text);
  return panel.find(({ expertise }) =>
    expertise.some((field) => field.trim() !== "" && words.includes(sameText(field))),
  );
}
