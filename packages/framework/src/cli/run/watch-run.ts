/** Watches a run that another process drives. */
import type { JournalEntry } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { exitCode } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { exitCodeOfResults, exitCodeOfSignal } from "../run-exit.ts";
import { followJournal, readJournal } from "../watch/follow-journal.ts";
import { type PresenterOptions, presenterFor } from "../watch/presenter.ts";
import { driverOf } from "./driver-of.ts";

/** How often it is looked whether the process that drives the run still lives. */
const lookMs = 2_000;

/**
 * Shows the run until it ends, is interrupted, or its process dies; as JSON
 * from its first event on. Resolves the exit code that the run's own process has.
 */
export async function watchRun(
  store: Store,
  run: RunRecord,
  io: CommandIo,
  options: PresenterOptions,
): Promise<number> {
  const { runId } = run;
  const { json, inStore } = options;
  const presenter = presenterFor(runId, io, options);
  const over = new AbortController();
  let stopped: number | null = null;
  let isDead = false;
  const stopListening = io.onSignal((signal) => {
    stopped = exitCodeOfSignal(signal);
    over.abort();
  });
  const timer = setInterval(() => {
    driverOf(store, runId).then(
      (driver) => {
        isDead = driver.state === "dead";
        if (isDead) over.abort();
      },
      () => over.abort(),
    );
  }, lookMs);
  const take = async (entries: readonly JournalEntry[]): Promise<boolean> => {
    presenter.show(entries);
    if (json) await io.stdout.drained();
    return presenter.watch.end !== null;
  };
  try {
    let afterSeq = 0;
    // On a terminal the past is known and not told again; a program gets the whole journal.
    await readJournal(store, run, async (entries) => {
      if (json) await take(entries);
      else presenter.recall(entries);
      afterSeq = entries.at(-1)?.seq ?? afterSeq;
    });
    if (presenter.watch.end === null)
      await followJournal(store, { runId, afterSeq, signal: over.signal, take });
    const { end } = presenter.watch;
    presenter.close(end !== null);
    if (end?.type === "finished") return exitCodeOfResults(end.results);
    if (stopped !== null) return sayLeft(`${runId}${inStore}`, runId, stopped, io);
    io.stderr.write(
      `mai: ${isDead ? "the process that drove it has died" : "it is interrupted"}. Continue with: mai resume ${runId}${inStore}\n`,
    );
    return exitCode.interrupted;
  } catch (error) {
    presenter.close(false);
    throw error;
  } finally {
    stopListening();
    clearInterval(timer);
  }
}

function sayLeft(words: string, runId: string, code: number, io: CommandIo): number {
  io.stderr.write(`mai: no longer watching; ${runId} goes on. \`mai cancel ${words}\` ends it.\n`);
  return code;
}
