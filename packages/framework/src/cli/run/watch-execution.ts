/** Shows a run that this process drives, hands signals on to it, and says how it ended. */
import { killEverythingNow } from "mai-orchestration-agents";
import { type JournalEntry, messageOf } from "mai-orchestration-core";
import type { Store } from "mai-orchestration-engine";
import type { Execution, RunEnd } from "../../execution/execution.ts";
import { exitCode } from "../command.ts";
import type { CommandIo, StopSignal } from "../io.ts";
import { exitCodeOfResults, exitCodeOfSignal } from "../run-exit.ts";
import { followJournal } from "../watch/follow-journal.ts";
import type { Presenter } from "../watch/presenter.ts";
import { approvalHint, onlyWaitsFor, type RunWatch } from "../watch/run-watch.ts";

/** @internal */
export interface WatchOptions {
  readonly json: boolean;
  /** Whether to stop when only a person or a quota is waited for. */
  readonly noWait: boolean;
  /** The last entry from before this process took the run up; 0 for a new run. */
  readonly afterSeq: number;
  /** What command lines that are printed need to mean this store: `storeWords`. */
  readonly inStore: string;
}

/** With these, what this process does with the run begins. */
const begins: ReadonlySet<JournalEntry["type"]> = new Set(["run.created", "task.reopened", "run.resumed"]);

/** Resolves the exit code once the run has ended or is interrupted, and everything about it was shown. */
export async function watchExecution(
  execution: Execution,
  store: Store,
  presenter: Presenter,
  io: CommandIo,
  options: WatchOptions,
): Promise<number> {
  const over = new AbortController();
  const stops = new Stops(execution, presenter);
  const stopListening = io.onSignal((signal) => stops.signal(signal), killEverythingNow);
  const finished = execution.finished.finally(() => over.abort());
  let shows = false;
  let told = "";
  /** Once for each set of tasks that wait: nothing else goes on. */
  const tellAsking = (waits: readonly string[]): void => {
    const hint = waits.length === 0 ? "" : approvalHint(presenter.watch, options.inStore);
    if (hint !== "" && hint !== told) presenter.notice(hint);
    if (hint === "" && told !== "") presenter.notice("");
    told = hint;
  };
  const take = async (entries: readonly JournalEntry[]): Promise<boolean> => {
    const first = shows ? 0 : entries.findIndex(({ type }) => begins.has(type));
    shows ||= first >= 0;
    presenter.recall(first < 0 ? entries : entries.slice(0, first));
    if (first >= 0) presenter.show(entries.slice(first));
    const waits = onlyWaitsFor(presenter.watch);
    if (options.noWait && waits.length > 0) stops.waits(waits);
    else tellAsking(waits);
    if (options.json) await io.stdout.drained();
    return false;
  };
  try {
    const followed = followJournal(store, {
      runId: execution.runId,
      afterSeq: options.afterSeq,
      signal: over.signal,
      take,
    });
    // Whichever fails first is what went wrong; the other one only follows from it.
    const [end] = await Promise.all([finished, followed]);
    presenter.close(true);
    return report(end, stops, presenter.watch, io, options);
  } catch (error) {
    presenter.close(false);
    throw error;
  } finally {
    stopListening();
  }
}

function report(end: RunEnd, stops: Stops, watch: RunWatch, io: CommandIo, options: WatchOptions): number {
  const { json, inStore } = options;
  if (end.type === "finished") return exitCodeOfResults(end.results);
  const { cause } = stops;
  const { runId } = watch;
  const say = (text: string): void =>
    (json || cause === "SIGPIPE" ? io.stderr : io.stdout).write(`${text}\n`);
  if (end.type === "exhausted") {
    say(`Interrupted: ${end.reason}. To continue: ${end.resume}`);
    return exitCode.waiting;
  }
  if (cause === "waits") {
    const hint = approvalHint(watch, inStore);
    if (hint !== "") say(hint);
    say(`${onlyText(onlyWaitsFor(watch), "Only")}. To continue: mai resume ${runId}${inStore}`);
    return exitCode.waiting;
  }
  // As JSON the last line is run.interrupted, which holds the command.
  if (!json) say(`Interrupted. To continue: mai resume ${runId}${inStore}`);
  return exitCodeOfSignal(cause ?? "SIGTERM");
}

function onlyText(waits: readonly string[], only: string): string {
  return `${only} ${waits.join(" and ")} ${waits.length > 1 ? "are" : "is"} waited for`;
}

/** Why this process stops driving the run: said once, to the engine and to the person. */
class Stops {
  cause: StopSignal | "waits" | null = null;
  readonly #execution: Execution;
  readonly #presenter: Presenter;

  constructor(execution: Execution, presenter: Presenter) {
    this.#execution = execution;
    this.#presenter = presenter;
  }

  signal(signal: StopSignal): void {
    const how = signal === "SIGINT" ? "Ctrl-C again ends at once" : "a second signal ends at once";
    const many = this.#presenter.watch.held.size;
    if (signal !== "SIGPIPE")
      this.#presenter.notice(`Stopping${many === 0 ? "" : `, ending what runs (${many})`}; ${how}`);
    this.#stop(signal, signal === "SIGPIPE" ? "nobody reads its output" : signal);
  }

  waits(waits: readonly string[]): void {
    this.#stop("waits", onlyText(waits, "only"));
  }

  #stop(cause: StopSignal | "waits", reason: string): void {
    if (this.cause !== null) return;
    this.cause = cause;
    // `finished` rejects with the same error, and is waited for.
    this.#execution.interrupt(reason).catch((error: unknown) => this.#presenter.notice(messageOf(error)));
  }
}
