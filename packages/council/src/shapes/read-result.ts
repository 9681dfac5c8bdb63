/** Results of councils as objects, or as the JSON that is left of them. */
import type { Decision } from "../decision.ts";
import { type ActionItem, type ConsensusLevel, consensusLevels } from "../result.ts";
import { unreadable } from "./unreadable.ts";

type Data = Readonly<Record<string, unknown>>;

/**
 * The decision in the result of a council, also of another framework: `agentContributions` may be a Map, a record, or
 * the `{}` that JSON makes of a Map. Without action items the recommendations are what is to be done. Throws
 * `council.unreadable`, naming the field.
 *
 * @param source - as its reader knows it
 * @public
 */
export function readCouncilResult(value: unknown, source = "the council's result"): Decision {
  const result = recordAt(value, "", source);
  const synthesis = recordAt(result["synthesis"], "synthesis", source);
  const session = result["session"] === undefined ? {} : recordAt(result["session"], "session", source);
  const decision = textAt(synthesis["decision"], "synthesis.decision", source);
  const consensusLevel = levelAt(synthesis["consensusLevel"], source);
  checkContributions(synthesis["agentContributions"], source);
  const topic = optionalText(session["topic"], "session.topic", source) ?? decision;
  const hold = holdOf(synthesis, consensusLevel, source);
  return {
    id: optionalText(session["id"], "session.id", source) ?? "council-without-id",
    topic,
    decision,
    rationale: optionalText(synthesis["rationale"], "synthesis.rationale", source) ?? "",
    confidence: confidenceAt(synthesis["confidence"], source),
    consensusLevel,
    dissent: optionalText(synthesis["dissent"], "synthesis.dissent", source) ?? null,
    vetoCriteria: vetoCriteriaOf(session["roster"], source),
    actionItems: itemsOf(result["actionItems"] ?? synthesis["actionItems"], synthesis, hold, source),
    hold,
  };
}

function holdOf(synthesis: Data, level: ConsensusLevel | null, source: string): string | null {
  const said = synthesis["hold"];
  if (typeof said === "string" && said !== "") return said;
  const report = synthesis["dissentReport"];
  const dissent =
    report === undefined || report === null ? {} : recordAt(report, "synthesis.dissentReport", source);
  if (dissent["hasVetoPower"] === true) {
    const summary = optionalText(dissent["summary"], "synthesis.dissentReport.summary", source);
    return summary === undefined ? "a veto" : `a veto: ${summary}`;
  }
  return level === "none" ? "no consensus" : null;
}

function itemsOf(value: unknown, synthesis: Data, hold: string | null, source: string): ActionItem[] {
  const list = value === undefined || value === null ? [] : listAt(value, "actionItems", source);
  if (list.length > 0) return list.map((item, index) => itemAt(item, `actionItems[${index}]`, source));
  const recommended = synthesis["recommendations"];
  if (hold !== null || recommended === undefined || recommended === null) return [];
  return listAt(recommended, "synthesis.recommendations", source).map((text, index) => ({
    task: textAt(text, `synthesis.recommendations[${index}]`, source),
    owner: "Unassigned",
    priority: "medium",
  }));
}

function itemAt(value: unknown, path: string, source: string): ActionItem {
  if (typeof value === "string")
    return { task: textAt(value, path, source), owner: "Unassigned", priority: "medium" };
  const item = recordAt(value, path, source);
  const priority = item["priority"] ?? "medium";
  if (priority !== "high" && priority !== "medium" && priority !== "low")
    throw unreadable(source, `\`${path}.priority\``, "is none of high, medium, low", "Write one of these.");
  const dueDate = optionalText(item["dueDate"], `${path}.dueDate`, source);
  return {
    task: textAt(item["task"], `${path}.task`, source),
    owner: optionalText(item["owner"], `${path}.owner`, source) ?? "Unassigned",
    priority,
    ...(dueDate === undefined ? {} : { dueDate }),
  };
}

/** Both spellings: packs of agents write `veto_power`, the frameworks' objects `vetoPower`. */
function vetoCriteriaOf(roster: unknown, source: string): string[] {
  if (roster === undefined || roster === null) return [];
  return listAt(roster, "session.roster", source).flatMap((member, index) => {
    if (typeof member === "string") return [];
    const path = `session.roster[${index}]`;
    const agent = recordAt(member, path, source);
    if ((agent["vetoPower"] ?? agent["veto_power"]) !== true) return [];
    const criteria = agent["vetoCriteria"] ?? agent["veto_criteria"];
    const name = optionalText(agent["name"] ?? agent["role"], `${path}.name`, source) ?? "a veto";
    const list = typeof criteria === "string" ? [criteria] : criteria;
    if (list === undefined || list === null) return [];
    return listAt(list, `${path}.vetoCriteria`, source).map(
      (criterion, at) => `${name}: ${textAt(criterion, `${path}.vetoCriteria[${at}]`, source)}`,
    );
  });
}

function levelAt(value: unknown, source: string): ConsensusLevel | null {
  if (value === undefined || value === null) return null;
  const level = consensusLevels.find((known) => known === value);
  if (level !== undefined) return level;
  const known = `Known ones: ${consensusLevels.join(", ")}.`;
  throw unreadable(source, "`synthesis.consensusLevel`", `is ${JSON.stringify(value)}`, known);
}

function confidenceAt(value: unknown, source: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw unreadable(
    source,
    "`synthesis.confidence`",
    "is no number from 0 to 1",
    "Write such a number, or leave it out.",
  );
}

function checkContributions(value: unknown, source: string): void {
  if (value === undefined || value === null || value instanceof Map) return;
  recordAt(value, "synthesis.agentContributions", source);
}

function recordAt(value: unknown, path: string, source: string): Data {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Data;
  const place = path === "" ? "" : `\`${path}\``;
  throw unreadable(source, place, value === undefined ? "is missing" : "is no object", resultHint);
}

function listAt(value: unknown, path: string, source: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadable(source, `\`${path}\``, "is no list", resultHint);
}

function textAt(value: unknown, path: string, source: string): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw unreadable(source, `\`${path}\``, value === undefined ? "is missing" : "is no text", resultHint);
}

function optionalText(value: unknown, path: string, source: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return textAt(value, path, source);
}

const resultHint =
  "A council's result has `synthesis.decision`, and `actionItems` with a `task` each; the session file can be given instead.";
