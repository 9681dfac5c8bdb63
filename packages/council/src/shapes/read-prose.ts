/** The prose in which a council that is a skill of an agent ends: a debate and its synthesis, as Markdown. */
import type { Decision } from "../decision.ts";
import type { ActionItem } from "../result.ts";
import { listItems, sectionsOf } from "./markdown.ts";
import { unreadable } from "./unreadable.ts";

const synthesisTitle = /^(?:\W*)Council Synthesis\b/i;
const labels =
  /^\s*(?:#{1,6}\s*|[-*+]\s+)?\**\s*(Areas of Convergence|Remaining Disagreements|Recommended Path)\s*:?\s*\**\s*:?\s*(.*)$/i;

/** Whether a text holds a synthesis in prose. @internal */
export function isProse(text: string): boolean {
  return sectionsOf(text).some(({ title }) => synthesisTitle.test(title));
}

/** The decision in a synthesis in prose; throws `council.unreadable`. @internal */
export function readProse(text: string, source: string): Decision {
  const sections = sectionsOf(text);
  const at = sections.findLastIndex(({ title }) => synthesisTitle.test(title));
  const synthesis = sections[at];
  const level = synthesis?.level ?? 3;
  const after = sections.slice(at + 1);
  const end = after.findIndex((section) => section.level <= level);
  const below = end === -1 ? after : after.slice(0, end);
  const lines = [
    ...(synthesis?.body ?? []),
    ...below.flatMap((section) => [`${"#".repeat(section.level)} ${section.title}`, ...section.body]),
  ];
  const parts = partsOf(lines);
  const path = parts.get("recommended path")?.join("\n").trim() ?? "";
  if (path === "")
    throw unreadable(
      source,
      `line ${synthesis?.line ?? 1}:`,
      "the synthesis has no recommended path",
      "Add `**Recommended Path:**` with what is to be done.",
    );
  const debate = sections.find(({ title }) => /Council Debate\s*:/i.test(title))?.title;
  const topic = debate?.replace(/^.*?Council Debate\s*:\s*/i, "").trim() ?? "a council's synthesis";
  const disagreements = parts.get("remaining disagreements")?.join("\n").trim() ?? "";
  return {
    id: `council-${topic
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 48)}`,
    topic,
    decision: oneLine(path),
    rationale: oneLine(parts.get("areas of convergence")?.join("\n") ?? ""),
    confidence: null,
    consensusLevel: null,
    dissent: /^\W*(?:none|n\/a)?\W*$/i.test(disagreements) ? null : oneLine(disagreements),
    vetoCriteria: [],
    actionItems: itemsOf(path),
    hold: null,
  };
}

function partsOf(lines: readonly string[]): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  let open: string[] | null = null;
  for (const line of lines) {
    const label = labels.exec(line);
    if (label !== null) {
      open = label[2] === undefined || label[2] === "" ? [] : [label[2]];
      parts.set((label[1] ?? "").toLowerCase(), open);
    } else if (/^\s*#{1,6}\s|^\s*\*\*[^*]+:?\*\*:?\s*$/.test(line)) {
      // Another heading: whatever it is called, it is no part of the last.
      open = null;
    } else open?.push(line);
  }
  return parts;
}

/** Each point of a list is something to do; without a list all of it is one. */
function itemsOf(path: string): ActionItem[] {
  const points = listItems(path.split("\n"));
  const tasks = points.length > 0 ? points : [oneLine(path)];
  return tasks.map((task) => ({
    task: oneLine(task.replace(/^\[ \]\s+/, "")),
    owner: "Unassigned",
    priority: "medium",
  }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
