/** `mai events`: the journal of a run. */
import type { JournalEntry } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode, type Flag, jsonFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { findRun } from "../store/find-run.ts";
import { withStore } from "../store/find-store.ts";
import { columnsOf } from "../text/table.ts";
import { oneLine, widthOf } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
import { eventLine, jsonLine } from "../watch/event-line.ts";
import { followJournal, readJournal } from "../watch/follow-journal.ts";

const followFlag: Flag = {
  name: "follow",
  short: "f",
  summary: "go on with what happens, until the run ends",
};

/** @internal */
export const verb: Verb = {
  usage: "events [RUN] [--follow]",
  args: [0, 1],
  flags: [followFlag, jsonFlag, storeFlag],
  details: "Without a name: the newest run that has not ended, else the newest.",
  examples: [
    ["mai events", "what happened, one event a line"],
    ["mai events --follow --json", "the journal as JSON lines, while it grows"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const run = await findRun(store, words.args[0]);
      const write = writerFor(io, words.has("json"));
      if (words.has("follow") && run.finishedAt === null) await follow(store, run, write);
      else await readJournal(store, run, write);
      return exitCode.succeeded;
    });
  },
};

function follow(
  store: Store,
  run: RunRecord,
  write: (entries: readonly JournalEntry[]) => Promise<void>,
): Promise<void> {
  return followJournal(store, {
    runId: run.runId,
    afterSeq: run.firstSeq - 1,
    signal: new AbortController().signal,
    take: async (entries) => {
      await write(entries);
      return entries.some((entry) => entry.type === "run.finished");
    },
  });
}

function writerFor(io: CommandIo, json: boolean): (entries: readonly JournalEntry[]) => Promise<void> {
  const theme = themeFor(io.stdout, io.env);
  let idColumns = 8;
  const text = (entry: JournalEntry): string => {
    idColumns = Math.max(idColumns, Math.min(28, widthOf(oneLine(entry.taskId ?? ""))));
    return `${eventLine(entry, theme, idColumns, columnsOf(io.stdout))}\n`;
  };
  return async (entries) => {
    io.stdout.write(entries.map(json ? jsonLine : text).join(""));
    await io.stdout.drained();
  };
}
