/** A council's session as the Markdown file that the existing council frameworks keep. */
import { textOf } from "../growth/seat-tasks.ts";
import type { ActionItem, CouncilResult, CouncilRound } from "../result.ts";

/**
 * The session file of a result. Everything that somebody said is quoted, so that no word of it is taken for a heading;
 * {@link readCouncil} reads it back.
 *
 * @public
 */
export function writeSessionFile({
  session,
  synthesis,
  actionItems,
  reviews,
}: Omit<CouncilResult, "transcript">): string {
  const { dissent, hold, consensusLevel, confidence } = synthesis;
  const sections = [
    `# Council Session: ${line(session.topic)}`,
    "## Session Metadata",
    table(
      ["Field", "Value"],
      [
        ["Session ID", session.id],
        ["Started", session.startTime],
        ["Ended", session.endTime ?? "-"],
        ["Strategy", session.synthesisStrategy],
        ["Rounds", String(session.rounds.length)],
      ],
    ),
    "## Roster",
    table(
      ["Agent", "Role", "Expertise", "Veto"],
      session.roster.map(({ name, role, expertise, vetoPower }) => [
        name,
        role,
        expertise.join(", "),
        vetoPower ? "yes" : "no",
      ]),
    ),
    bullets(
      session.roster.flatMap(({ name, vetoPower, vetoCriteria }) =>
        vetoPower ? vetoCriteria.map((criterion) => `Veto: ${name}: ${line(criterion)}`) : [],
      ),
    ),
    "## Context",
    quote(session.context),
    "## Discussion",
    ...session.rounds.flatMap(roundSections),
    "## Synthesis",
    "### Decision",
    quote(synthesis.decision),
    ...(hold === null ? [] : ["### Held", quote(hold)]),
    "### Metrics",
    `- Confidence: ${Math.round(confidence * 100)}%\n- Consensus Level: ${consensusLevel}`,
    "### Rationale",
    quote(synthesis.rationale),
    ...(synthesis.tradeoffs.length === 0 ? [] : ["### Trade-offs", bullets(synthesis.tradeoffs.map(line))]),
    "### Action Items",
    actionItems.length === 0 ? "None." : actionItems.map(itemLine).join("\n"),
    ...(dissent === undefined ? [] : ["### Dissenting Opinion", quote(dissent)]),
    "### Agent Contributions",
    ...Object.entries(synthesis.agentContributions).map(
      ([name, text]) => `**${line(name)}**\n\n${quote(text)}`,
    ),
    ...(reviews.length === 0 ? [] : ["## Review", reviewTable(reviews)]),
    "## Session Summary",
    `${session.roster.length} agents, ${session.rounds.length} rounds, ${actionItems.length} action items.`,
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function roundSections({ number, perspectives, conflicts }: CouncilRound): string[] {
  return [
    ...perspectives.flatMap((one) => [`### ${line(one.agent.name)}, round ${number}`, quote(textOf(one))]),
    `#### Round ${number} Summary`,
    table(
      ["Agent", "Position", "Key Concerns"],
      perspectives.map(({ agent, position, concerns }) => [agent.name, position, concerns.join("; ")]),
    ),
    bullets(conflicts.map(({ severity, description }) => `Conflict (${severity}): ${line(description)}`)),
  ];
}

function itemLine({ task, owner, priority, dueDate }: ActionItem): string {
  const due = dueDate === undefined ? "" : `, due: ${line(dueDate)}`;
  return `- [ ] ${line(task)} (owner: ${line(owner)}, priority: ${priority}${due})`;
}

function reviewTable(reviews: CouncilResult["reviews"]): string {
  return table(
    ["Action Item", "Task", "Verdict", "Tries", "Reasons"],
    reviews.map(({ task, taskId, verdict, tries, reasons }) => [
      task,
      taskId,
      verdict,
      String(tries),
      reasons.join("; "),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => line(cell).replace(/[\\|]/g, "\\$&") || "-").join(" | ")} |`;
  return [row(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(row)].join("\n");
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function quote(text: string): string {
  if (text.trim() === "") return "";
  return text
    .trim()
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((one) => `> ${one}`.trimEnd())
    .join("\n");
}

function line(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
