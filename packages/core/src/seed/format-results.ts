import type { FarmResult } from "../result.ts";
import type { AggregatedResults } from "./aggregated-results.ts";

const longestReason = 200;

/**
 * A batch as a Markdown report: the counts, every task with what became of it,
 * then artifacts, issues and next steps where there are any.
 *
 * @public
 */
export function formatResultsMarkdown(aggregated: AggregatedResults): string {
  const sections = [
    `## Orchestration Results\n\n**Summary:** ${aggregated.summary}`,
    metricsTable(aggregated),
    tasksTable(aggregated.results),
    bullets("Artifacts", aggregated.artifacts),
    bullets("Issues", aggregated.issues),
    bullets("Next Steps", aggregated.nextSteps),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function metricsTable(aggregated: AggregatedResults): string {
  const cancelled =
    aggregated.cancelledCount > 0 ? [`| Cancelled (counted above) | ${aggregated.cancelledCount} |`] : [];
  return [
    "| Metric | Value |",
    "|--------|-------|",
    `| Success | ${aggregated.successCount} |`,
    `| Failed | ${aggregated.failureCount} |`,
    `| Blocked | ${aggregated.blockedCount} |`,
    ...cancelled,
    `| Duration | ${aggregated.totalDuration}ms |`,
  ].join("\n");
}

function tasksTable(results: readonly FarmResult[]): string {
  if (results.length === 0) return "";
  const rows = results.map((result) => {
    const cells = [result.taskId, result.status, result.verdict ?? "", reasonOf(result)];
    return `| ${cells.map(cell).join(" | ")} |`;
  });
  return [
    "### Tasks",
    "",
    "| Task | Status | Verdict | Reason |",
    "|------|--------|---------|--------|",
    ...rows,
  ].join("\n");
}

/** A result that states no reason, as one built by hand may, is explained by the first line of its output. */
function reasonOf(result: FarmResult): string {
  if (result.reason !== undefined) return result.reason;
  if (result.status === "success") return "";
  const line = result.output.trimStart().split("\n", 1).join("");
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}

function bullets(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  return [`### ${title}`, "", ...items.map((item) => `- ${oneLine(item)}`)].join("\n");
}

/** Text that stays within its cell and means itself. Underscores inside words mean nothing and stay readable. */
function cell(text: string): string {
  const escaped = oneLine(text)
    .replace(/[\\`*~|[\]<>&]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");
  return escaped === "" ? "-" : escaped;
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control characters are what is taken out
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}
