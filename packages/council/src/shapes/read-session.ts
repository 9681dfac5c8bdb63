/** Session files of councils. */
import type { Decision } from "../decision.ts";
import { type ActionItem, type ConsensusLevel, consensusLevels } from "../result.ts";
import { listItems, plainText, type Section, sectionsOf, tableRows, unmarked } from "./markdown.ts";
import { unreadable } from "./unreadable.ts";

const titleWords = /^Council Session:\s*/i;

/** Whether a text is a session file. @internal */
export function isSessionFile(text: string): boolean {
  return sectionsOf(text).some(({ level, title }) => level === 1 && titleWords.test(title));
}

/** The decision in a session file; throws `council.unreadable`. @internal */
export function readSession(text: string, source: string): Decision {
  const sections = sectionsOf(text);
  const head = sections.find(({ level, title }) => level === 1 && titleWords.test(title));
  const find = (name: RegExp): Section | undefined => sections.find(({ title }) => name.test(title.trim()));
  const decision = find(/^Decision$/i);
  if (decision === undefined || plainText(decision) === "") {
    const place = `line ${decision?.line ?? head?.line ?? 1}:`;
    throw unreadable(
      source,
      place,
      "the session has no decision",
      "Add `### Decision` with a sentence below it.",
    );
  }
  const items = find(/^Action Items$/i);
  if (items === undefined)
    throw unreadable(
      source,
      `line ${decision.line}:`,
      "the session has no action items",
      "Add `### Action Items` with lines `- [ ] what is to be done`.",
    );
  const metadata = tableRows(find(/^Session Metadata$/i)?.body ?? []);
  const topic = (head?.title ?? "").replace(titleWords, "").trim();
  const level = levelOf(find(/^Metrics$/i), source);
  const held = find(/^Held$/i);
  return {
    id:
      metadataOf(metadata, /session id|^id$/i) ??
      `council-${topic
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .slice(0, 40)}`,
    topic,
    decision: plainText(decision),
    rationale: textOf(find(/^Rationale$/i)),
    confidence: confidenceOf(find(/^Metrics$/i)),
    consensusLevel: level,
    dissent: textOf(find(/^Dissenting Opinions?$/i)) || null,
    vetoCriteria: listItems(find(/^Roster$/i)?.body ?? []).flatMap((item) =>
      item.startsWith("Veto: ") ? [item.slice("Veto: ".length)] : [],
    ),
    actionItems: openItems(items),
    hold: held !== undefined ? plainText(held) : level === "none" ? "no consensus" : null,
  };
}

function metadataOf(rows: readonly Record<string, string>[], name: RegExp): string | undefined {
  for (const row of rows) {
    const [label = "", value = ""] = Object.values(row).map(unmarked);
    if (name.test(label) && value !== "") return value;
  }
  return undefined;
}

function textOf(section: Section | undefined): string {
  return section === undefined ? "" : plainText(section);
}

/** Items that are not ticked off. */
function openItems({ body }: Section): ActionItem[] {
  return listItems(body).flatMap((line) => {
    const open = /^\[ \]\s+(.+)$/.exec(line)?.[1];
    return open === undefined ? [] : [itemOf(open)];
  });
}

function itemOf(text: string): ActionItem {
  const notes = /^(.*\S)\s+\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/s.exec(text);
  const said = notes?.[2] ?? "";
  if (notes === null || !/\b(?:owner|priority|due)\s*:/i.test(said))
    return { task: text, owner: "Unassigned", priority: "medium" };
  const note = (name: string): string | undefined =>
    new RegExp(`(?:^|,)\\s*${name}\\s*:\\s*(.*?)\\s*(?=,\\s*(?:owner|priority|due)\\s*:|$)`, "i").exec(
      said,
    )?.[1];
  const priority = note("priority")?.toLowerCase();
  const dueDate = note("due");
  return {
    task: notes[1] ?? text,
    owner: note("owner") ?? "Unassigned",
    priority: priority === "high" || priority === "low" ? priority : "medium",
    ...(dueDate === undefined ? {} : { dueDate }),
  };
}

function confidenceOf(metrics: Section | undefined): number | null {
  const percent = /confidence\W*?(\d{1,3})\s*%/i.exec(metrics?.body.join("\n") ?? "")?.[1];
  return percent === undefined ? null : Math.min(100, Number(percent)) / 100;
}

function levelOf(metrics: Section | undefined, source: string): ConsensusLevel | null {
  const said = /consensus(?: level)?[^a-z]*([a-z]+)/i
    .exec(metrics?.body.join("\n") ?? "")?.[1]
    ?.toLowerCase();
  if (said === undefined) return null;
  const level = consensusLevels.find((known) => known === said);
  if (level !== undefined) return level;
  throw unreadable(
    source,
    `line ${metrics?.line ?? 1}:`,
    `the consensus level is ${JSON.stringify(said)}`,
    `Known ones: ${consensusLevels.join(", ")}.`,
  );
}
