import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry, TaskEvent, TaskState } from "mai-orchestration-core";
import { foldJournal } from "mai-orchestration-engine/store";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "journals");

/** Also those of attempts that came too late, which are rare. */
const typesOfTasks: readonly TaskEvent["type"][] = [
  "approval.given",
  "approval.refused",
  "approval.requested",
  "attempt.adopted",
  "attempt.answered",
  "attempt.failed",
  "attempt.lost",
  "attempt.progressed",
  "attempt.refused",
  "attempt.started",
  "check.failed",
  "check.passed",
  "task.blocked",
  "task.cancel-requested",
  "task.cancelled",
  "task.failed",
  "task.queued",
  "task.ready",
  "task.reopened",
  "task.retried",
  "task.succeeded",
];

const recordings = readdirSync(root)
  .flatMap((version) => readdirSync(join(root, version)).map((file) => join(version, file)))
  .filter((file) => file.endsWith(".journal.jsonl"));

test.each(recordings)("the journal %s folds to the states that it folded to when it was written", (file) => {
  const journal = linesOf<JournalEntry>(file);
  const expected = linesOf<TaskState>(file.replace(".journal.", ".tasks."));

  const folded = [...new Set(journal.map(({ runId }) => runId))].flatMap((runId) => [
    ...foldJournal(
      runId,
      journal.filter((entry) => entry.runId === runId),
    ).values(),
  ]);

  expect(folded).toHaveLength(expected.length);
  for (const { sequence: _, ...state } of expected) {
    const now = folded.find(({ runId, spec }) => runId === state.runId && spec.taskId === state.spec.taskId);
    // A later version may know more of a task; what was known then has not changed.
    expect(JSON.parse(JSON.stringify(now))).toMatchObject(state);
  }
});

test("the journals between them hold every type of entry that tells of a task", () => {
  const types = new Set(recordings.flatMap((file) => linesOf<JournalEntry>(file).map(({ type }) => type)));

  for (const type of typesOfTasks) expect(types, type).toContain(type);
});

function linesOf<T>(file: string): T[] {
  return readFileSync(join(root, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
