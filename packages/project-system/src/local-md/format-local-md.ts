/** The state of a session as Markdown, in the original's layout. */
import type { SpawnedAgent } from "../agents/spawned-agent.ts";
import { oneLine, shorten } from "../text.ts";
import type { LocalMdOptions } from "./local-md-options.ts";

interface Limits {
  readonly rows: number;
  readonly chars: number;
}

const noLimits: Limits = { rows: Number.POSITIVE_INFINITY, chars: Number.POSITIVE_INFINITY };
/** From much to little. The last one is some 2,000 characters at most. */
const shortening: readonly Limits[] = [
  { rows: 40, chars: 300 },
  { rows: 20, chars: 200 },
  { rows: 10, chars: 120 },
  { rows: 5, chars: 80 },
];

/** @internal */
export function formatLocalMd(options: LocalMdOptions): string {
  return render(options, noLimits);
}

/** With fewer and shorter entries, so that it has at most `maxChars` if that is possible. @internal */
export function shortLocalMd(options: LocalMdOptions, maxChars: number): string {
  const forms = shortening.map((limits) => render(options, limits));
  return forms.find((form) => form.length + form.split("\n").length <= maxChars) ?? forms.at(-1) ?? "";
}

/** The rows of a table Agent ID, Task, Status; a row of dashes when there is no agent. @public */
export function formatAgentsAsMarkdown(agents: LocalMdOptions["agents"]): string {
  return agentRows(agents, noLimits);
}

function render(options: LocalMdOptions, limits: Limits): string {
  const { timestamp, sessionId, currentTask, currentStep, modifiedFiles, resumeInstructions } = options;
  const text = (value: string): string => shorten(oneLine(value), limits.chars);
  return [
    "# Session State (Auto-generated)",
    "",
    `**Last Updated**: ${text(timestamp)}`,
    `**Session ID**: ${text(sessionId)}`,
    "",
    "## Current Work",
    "",
    `- **Task**: ${text(currentTask)}`,
    `- **Step**: ${text(currentStep)}`,
    `- **Files Modified**: ${fileList(modifiedFiles, limits)}`,
    "",
    "## Recent Decisions",
    "",
    ...bullets(options.recentDecisions, limits),
    "",
    "## Spawned Agents",
    "",
    "| Agent ID | Task | Status |",
    "| --- | --- | --- |",
    agentRows(options.agents, limits),
    "",
    "## Resume Instructions",
    "",
    shorten(resumeInstructions.trim(), limits.chars * 4),
  ].join("\n");
}

function fileList(files: readonly string[], { rows, chars }: Limits): string {
  if (files.length === 0) return "None";
  // The newest are the ones that somebody goes on with.
  const shown = rows === Number.POSITIVE_INFINITY ? files : files.slice(-rows);
  const more = files.length - shown.length;
  return `${shown.map((file) => shorten(oneLine(file), chars)).join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

function bullets(decisions: readonly string[], { rows, chars }: Limits): readonly string[] {
  if (decisions.length === 0) return ["- None recorded"];
  const shown = rows === Number.POSITIVE_INFINITY ? decisions : decisions.slice(-rows);
  return shown.map((decision) => `- ${shorten(oneLine(decision), chars)}`);
}

function agentRows(agents: LocalMdOptions["agents"], { rows, chars }: Limits): string {
  if (agents.length === 0) return "| - | - | - |";
  // Those that still run first: they are what must not be forgotten.
  const shown =
    agents.length <= rows
      ? agents
      : [...agents].sort((left, right) => rank(left) - rank(right)).slice(0, rows);
  const more = agents.length - shown.length;
  const cell = (value: string): string => shorten(oneLine(value), chars).replaceAll("|", "\\|");
  const lines = shown.map(
    (agent) => `| ${cell(agent.id)} | ${cell(agent.task)} | ${agent.end ?? agent.status} |`,
  );
  return [...lines, ...(more > 0 ? [`| and ${more} more | - | - |`] : [])].join("\n");
}

function rank({ status }: Pick<SpawnedAgent, "status">): number {
  return status === "running" ? 0 : 1;
}
