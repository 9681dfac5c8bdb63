/** What a round left behind, judged from outside: the journal, the ledgers that the work itself wrote, the process table. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry } from "mai-orchestration-core";
import { type Store, systemClock } from "mai-orchestration-engine";
import { openSqliteStore } from "mai-orchestration-sqlite";
import { checkFold, checkJournal } from "mai-orchestration-testkit";
import { type Scene, slots } from "./scene.ts";

/** Every figure but the first three has to be 0. */
export interface Findings {
  readonly tasks: number;
  readonly attempts: number;
  /** Attempts that a dead engine left, and somebody took over or counted as lost. */
  readonly left: number;
  /** Tasks that were acknowledged and are not in the journal, or never ended. */
  readonly lost: number;
  readonly endedTwice: number;
  readonly claimedTwice: number;
  /** Attempts whose work began while an older attempt of the task still wrote, or without being claimed. */
  readonly overlapped: number;
  /** Work that was done and done again although nothing had refused it. */
  readonly repeated: number;
  /** Processes that carry a mark of the run when all is over. */
  readonly processesLeft: number;
  /** Every other law of the journal that was broken, in words. */
  readonly broken: readonly string[];
}

export async function judge(scene: Scene, runId: string): Promise<Findings> {
  const store = openSqliteStore({
    path: join(scene.folder, ".mai", "mai.db"),
    clock: systemClock,
    mustExist: true,
  });
  try {
    const journal = await journalOf(store);
    const ended = new Map<string, number>();
    for (const entry of journal)
      if (isEnd(entry)) ended.set(entry.taskId ?? "", (ended.get(entry.taskId ?? "") ?? 0) + 1);
    const starts = journal.filter((entry) => entry.type === "attempt.started");
    const broken = [
      ...checkJournal(journal, new Map([["bash", slots]])),
      ...checkFold(journal, runId, await store.tasks({ runId })),
      ...unreported(journal, scene),
    ];
    return {
      tasks: scene.taskIds.length,
      attempts: starts.length,
      left: journal.filter(
        (entry) => entry.type === "attempt.lost" || (entry.type as string) === "attempt.adopted",
      ).length,
      lost: scene.taskIds.filter((id) => !ended.has(id)).length,
      endedTwice: [...ended.values()].filter((count) => count > 1).length,
      claimedTwice: starts.length - new Set(starts.map((entry) => `${entry.taskId}/${entry.attempt}`)).size,
      overlapped: sum(scene.taskIds.map((id) => overlapsOf(ledgerOf(scene, id), journal, id))),
      repeated: sum(scene.taskIds.map((id) => repeatsOf(ledgerOf(scene, id), journal, id))),
      processesLeft: processesOf(runId).length,
      broken,
    };
  } finally {
    await store.close();
  }
}

async function journalOf(store: Store): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (;;) {
    const page = await store.journal(all.at(-1)?.seq ?? 0, { limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

function isEnd({ type }: JournalEntry): boolean {
  return ["task.succeeded", "task.failed", "task.blocked", "task.cancelled"].includes(type);
}

function unreported(journal: readonly JournalEntry[], scene: Scene): string[] {
  const last = journal.findLast((entry) => entry.type === "run.finished");
  if (last?.type !== "run.finished") return ["the run was never reported as finished"];
  const named = new Set(last.results.map(({ taskId }) => taskId));
  return scene.taskIds.filter((id) => !named.has(id)).map((id) => `the report does not name ${id}`);
}

interface Line {
  readonly word: string;
  readonly attempt: number;
}

function ledgerOf({ folder }: Scene, taskId: string): Line[] {
  const file = join(folder, "ledger", taskId);
  if (!existsSync(file)) return [];
  return (
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([word = "", attempt = ""]) => ({ word, attempt: Number(attempt) }))
      // Checks that are repeated at the end of a run belong to no attempt.
      .filter(({ attempt }) => Number.isInteger(attempt))
  );
}

function overlapsOf(ledger: readonly Line[], journal: readonly JournalEntry[], taskId: string): number {
  const claimed = new Set(
    journal.flatMap((entry) =>
      entry.type === "attempt.started" && entry.taskId === taskId ? [entry.attempt] : [],
    ),
  );
  let newest = 0;
  let found = 0;
  for (const { attempt } of ledger) {
    if (attempt < newest || !claimed.has(attempt)) found++;
    newest = Math.max(newest, attempt);
  }
  const started = ledger.filter(({ word }) => word === "start").map(({ attempt }) => attempt);
  return found + started.length - new Set(started).size;
}

/** An attempt that did its work and was followed by another, without a failure of its own in between. */
function repeatsOf(ledger: readonly Line[], journal: readonly JournalEntry[], taskId: string): number {
  const failed = new Set(
    journal.flatMap((entry) =>
      entry.type === "attempt.failed" && entry.taskId === taskId ? [entry.attempt] : [],
    ),
  );
  const done = ledger.filter(({ word }) => word === "end").map(({ attempt }) => attempt);
  return done.slice(0, -1).filter((attempt) => !failed.has(attempt)).length;
}

/** Process ids whose environment carries a mark of the run, whatever became of their parents. */
function processesOf(runId: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`MAI_MARK=${runId}/`))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Ended meanwhile.
    return "";
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((left, right) => left + right, 0);
}
