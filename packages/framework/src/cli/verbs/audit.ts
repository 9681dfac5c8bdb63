/** `mai audit`: folds the journal and compares it with the rows that were made of it. */
import { isDeepStrictEqual } from "node:util";
import { isMaiError, type JournalEntry, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { foldJournal } from "mai-orchestration-engine/store";
import { exitCode, jsonFlag, storeFlag, type Verb } from "../command.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { plural } from "../text/text.ts";
import { readJournal } from "../watch/follow-journal.ts";

interface Finding {
  readonly runId: string;
  readonly taskId: string | null;
  readonly what: string;
}

/** @internal */
export const verb: Verb = {
  usage: "audit [RUN]",
  args: [0, 1],
  flags: [jsonFlag, storeFlag],
  details:
    "Every state must be a fold of the journal. Exits with 1 when one is not. Without a name: every run.",
  examples: [
    ["mai audit", "every run of the store"],
    ["mai audit --json", "each disagreement as an object"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const runs = words.args[0] === undefined ? await store.runs() : [await findRun(store, words.args[0])];
      const findings: Finding[] = [];
      let events = 0;
      for (const run of runs) {
        const journal = await journalOf(store, run);
        events += journal.length;
        findings.push(...(await auditRun(store, run, journal)));
      }
      const summary = { runs: runs.length, events, findings };
      if (words.has("json")) io.stdout.write(`${JSON.stringify(summary)}\n`);
      else io.stdout.write(textOf(summary));
      return findings.length === 0 ? exitCode.succeeded : exitCode.failed;
    });
  },
};

async function journalOf(store: Store, run: RunRecord): Promise<JournalEntry[]> {
  const journal: JournalEntry[] = [];
  await readJournal(store, run, (entries) => {
    journal.push(...entries);
  });
  return journal;
}

async function auditRun(store: Store, run: RunRecord, journal: readonly JournalEntry[]): Promise<Finding[]> {
  const { runId } = run;
  const about = (what: string, taskId: string | null = null): Finding => ({ runId, taskId, what });
  const last = journal.at(-1)?.seq ?? 0;
  const rows = await store.tasks({ runId });
  // A run that goes on meanwhile has rows that are ahead of what was read.
  if ((await store.journal(last, { runId, limit: 1 })).length > 0) {
    return auditRun(store, (await store.run(runId)) ?? run, await journalOf(store, run));
  }
  const findings = [...auditRunRow(run, journal)].map((what) => about(what));
  let folded: ReadonlyMap<string, TaskState>;
  try {
    folded = foldJournal(runId, journal);
  } catch (error) {
    if (!isMaiError(error)) throw error;
    return [...findings, about(error.message)];
  }
  for (const row of rows) {
    const state = folded.get(row.spec.taskId);
    const difference = state === undefined ? "the journal does not know it" : differenceOf(row, state);
    if (difference !== null) findings.push(about(difference, row.spec.taskId));
  }
  const known = new Set(rows.map((row) => row.spec.taskId));
  for (const taskId of folded.keys()) if (!known.has(taskId)) findings.push(about("has no row", taskId));
  return findings;
}

/** What closes a run, or opens it again; so does a task that is opened again. */
const turns: ReadonlySet<string> = new Set(["run.finished", "run.resumed"]);

function* auditRunRow(run: RunRecord, journal: readonly JournalEntry[]): Iterable<string> {
  const facts = journal.filter((entry) => entry.taskId === undefined || entry.type === "task.reopened");
  if (facts[0]?.type !== "run.created") yield "the journal does not begin with run.created";
  const finished = facts.findLast(({ type }) => type.startsWith("task.") || turns.has(type));
  const verdict = finished?.type === "run.finished" ? finished.verdict : null;
  if (verdict !== run.verdict)
    yield `the row says ${run.verdict ?? "open"}, the journal ${verdict ?? "open"}`;
}

function differenceOf(row: TaskState, folded: TaskState): string | null {
  // Numbers in the order of submission are the store's own; JSON knows no undefined.
  const state = JSON.parse(JSON.stringify({ ...folded, sequence: row.sequence })) as TaskState;
  const names = (Object.keys(state) as (keyof TaskState)[]).filter(
    (name) => !isDeepStrictEqual(row[name], state[name]),
  );
  return names.length === 0 ? null : `the row and the journal disagree about ${names.join(", ")}`;
}

function textOf({
  runs,
  events,
  findings,
}: {
  readonly runs: number;
  readonly events: number;
  readonly findings: readonly Finding[];
}): string {
  const head = `${plural(runs, "run")}, ${plural(events, "event")}: ${findings.length === 0 ? "all rows are folds of the journal" : plural(findings.length, "disagreement")}`;
  const lines = findings.map(
    ({ runId, taskId, what }) => `  ${runId}${taskId === null ? "" : ` ${taskId}`}: ${what}`,
  );
  return `${[head, ...lines].join("\n")}\n`;
}
