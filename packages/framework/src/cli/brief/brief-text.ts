/** A brief in words: facts, as few as do the job. */
import { relative } from "node:path";
import { type EndedTask, endTypes, type Overview, type RunOverview } from "mai-orchestration-sqlite/overview";

/** Who works at a run. @internal */
export type RunStanding =
  | { readonly state: "driven"; readonly pid: number }
  /** `dead`: attempts are held by processes that are proven dead; `undriven`: nobody has begun, or nobody goes on. */
  | { readonly state: "finished" | "interrupted" | "dead" | "undriven" };

/** @internal */
export interface BriefContext {
  readonly standings: ReadonlyMap<string, RunStanding>;
  /** Of the store, absolute. */
  readonly path: string;
  readonly cwd: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly maxChars: number;
}

/** How many tasks are named per run and kind, from many to none, until the brief fits. */
const namings = [20, 8, 3, 0];

/** Empty when the store has nothing to tell. @internal */
export function briefText(overview: Overview, context: BriefContext): string {
  if (overview.runs.length === 0) return "";
  const forms = namings.map((names) => render(overview, context, names));
  const fitting = forms.find((form) => form.length <= context.maxChars);
  return fitting ?? (forms.at(-1) ?? "").slice(0, context.maxChars).toWellFormed();
}

function render(overview: Overview, context: BriefContext, names: number): string {
  const ended = overview.runs.filter((one) => endTypes.some((type) => one.ends[type] > 0));
  const more = [
    ...(overview.more.open > 0 ? [`${overview.more.open} more open`] : []),
    ...(overview.more.finished > 0 ? [`${overview.more.finished} more finished`] : []),
  ];
  return [
    `mai: what the store ${near(context.path, context.cwd)} says at ${new Date(context.now).toISOString().slice(0, 16)}Z`,
    "Runs:",
    ...overview.runs.map((one) => runLine(one, context, names)),
    ...(more.length > 0 ? [`- ${more.join(", ")}: \`mai ps\``] : []),
    ...(ended.length > 0 ? ["Ended since the last brief:"] : []),
    ...ended.map((one) => `- ${one.run.runId}: ${endsText(one, names)}`),
    decisions(overview, context, names),
    "Results: `mai status RUN --json`. Why: `mai why TASK --run RUN`. What attempts printed: .mai/logs/RUN/TASK/",
  ].join("\n");
}

function runLine(one: RunOverview, { standings }: BriefContext, names: number): string {
  const { run, counts, held } = one;
  const name = run.name === null ? "" : ` (${short(run.name, 60)})`;
  const { ended = 0, ready = 0, queued = 0, running = 0, verifying = 0, cancelling = 0 } = counts.phases;
  const verdicts = Object.entries(counts.verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  const busy = running + verifying + cancelling;
  const known = held.slice(0, names).map((task) => short(task.taskId, 64));
  const waiting = (counts.phases["retry-wait"] ?? 0) + (counts.phases["quota-wait"] ?? 0);
  const asking = counts.phases["approval-wait"] ?? 0;
  const parts = [
    `${ended}/${counts.total} ended${verdicts.length > 0 ? ` (${verdicts.join(", ")})` : ""}`,
    ...(busy > 0 ? [`${busy} running${known.length > 0 ? `: ${listed(known, busy)}` : ""}`] : []),
    ...(ready > 0 ? [`${ready} ready`] : []),
    ...(queued > 0 ? [`${queued} wait for others`] : []),
    ...(asking > 0 ? [`${asking} wait for a person`] : []),
    ...(waiting > 0 ? [`${waiting} wait to be tried again${untilText(counts.nextWakeAt)}`] : []),
  ];
  return `- ${run.runId}${name}: ${stateText(one, standings.get(run.runId))}; ${parts.join("; ")}`;
}

function stateText({ run, counts }: RunOverview, standing: RunStanding | undefined): string {
  switch (standing?.state) {
    case "driven":
      return `goes on in process ${standing.pid}`;
    case "interrupted":
      return "interrupted";
    case "dead":
      return "its engine has died";
    case "undriven":
      return "nobody drives it";
    default: {
      const { failed = 0, blocked = 0, cancelled = 0 } = counts.verdicts;
      const isBroken = run.verdict === "failed" && failed + blocked + cancelled === 0;
      return `finished ${run.verdict}${isBroken ? ", by checks repeated at its end" : ""}`;
    }
  }
}

function endsText({ ends, ended }: RunOverview, names: number): string {
  return endTypes
    .filter((type) => ends[type] > 0)
    .map((type) => {
      const named = ended.filter((task) => task.type === type).slice(0, names);
      const list = named.length === 0 ? "" : `: ${listed(named.map(endText), ends[type])}`;
      return `${ends[type]} ${type.slice("task.".length)}${list}`;
    })
    .join("; ");
}

function endText({ taskId, reason }: EndedTask): string {
  return reason === null ? short(taskId, 64) : `${short(taskId, 64)} (${short(reason, 100)})`;
}

/** What goes on only when somebody says so. */
function decisions({ runs }: Overview, { standings }: BriefContext, names: number): string {
  const asking = runs.flatMap((one) => {
    const many = one.counts.phases["approval-wait"] ?? 0;
    const known = one.asking.slice(0, names).map(({ taskId }) => short(taskId, 64));
    return many === 0 ? [] : [`${known.length === 0 ? many : listed(known, many)} of ${one.run.runId}`];
  });
  const asked =
    asking.length === 0
      ? []
      : [
          `Wait for a person's yes (\`mai approve TASK --run RUN\`, \`mai reject TASK --run RUN --note WHY\`): ${asking.join("; ")}`,
        ];
  const waiting = runs.flatMap(({ run: { runId } }) => {
    const state = standings.get(runId)?.state;
    return state === "interrupted" || state === "dead" || state === "undriven" ? [runId] : [];
  });
  if (waiting.length === 0) return asked[0] ?? "Nothing waits for a decision.";
  const left = `Wait for a decision (\`mai resume RUN\` continues, \`mai cancel RUN\` ends): ${waiting.join(", ")}`;
  return [...asked, left].join("\n");
}

function listed(names: readonly string[], total: number): string {
  const more = total - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function untilText(at: number | null): string {
  return at === null ? "" : ` from ${new Date(at).toISOString().slice(0, 16)}Z`;
}

/** On one line, and no longer than that. */
function short(text: string, most: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}

function near(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way.startsWith("..") ? path : way;
}
