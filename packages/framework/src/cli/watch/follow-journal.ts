/** Reading the journal as it grows. */
import type { JournalEntry } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";

const page = 500;
/** A look although nobody told of a change. It also keeps the process alive, which waiting alone would not. */
const pollMs = 1_000;

/** @internal */
export interface FollowOptions {
  readonly runId: string;
  readonly afterSeq: number;
  /** After it aborts, what is in the journal by then is still read. */
  readonly signal: AbortSignal;
  /** Takes the next entries; resolves `true` to stop. */
  readonly take: (entries: readonly JournalEntry[]) => Promise<boolean> | boolean;
}

/** Hands over every entry of a run, oldest first, each after it is durable, until told to stop. @internal */
export async function followJournal(store: Store, options: FollowOptions): Promise<void> {
  const { runId, signal, take } = options;
  const bell = changeBell(store, signal);
  let afterSeq = options.afterSeq;
  try {
    for (;;) {
      const isLast = signal.aborted;
      bell.reset();
      const entries = await store.journal(afterSeq, { runId, limit: page });
      afterSeq = entries.at(-1)?.seq ?? afterSeq;
      if (entries.length > 0 && (await take(entries))) return;
      if (entries.length === page) continue;
      if (isLast) return;
      await bell.rung();
    }
  } finally {
    bell.stop();
  }
}

/** Every entry of a run that there is now, page by page. @internal */
export async function readJournal(
  store: Store,
  run: Pick<RunRecord, "runId" | "firstSeq">,
  take: (entries: readonly JournalEntry[]) => void | Promise<void>,
): Promise<void> {
  const { runId } = run;
  for (let afterSeq = run.firstSeq - 1; ; ) {
    const entries = await store.journal(afterSeq, { runId, limit: page });
    if (entries.length === 0) return;
    await take(entries);
    afterSeq = entries.at(-1)?.seq ?? afterSeq;
  }
}

interface Bell {
  reset(): void;
  /** Resolves at the first change since `reset`. */
  rung(): Promise<void>;
  stop(): void;
}

function changeBell(store: Store, signal: AbortSignal): Bell {
  let changed = false;
  let wake: () => void = () => undefined;
  const ring = (): void => {
    changed = true;
    wake();
  };
  const stopListening = store.onChange(ring);
  const timer = setInterval(ring, pollMs);
  signal.addEventListener("abort", ring);
  return {
    reset: () => {
      changed = false;
    },
    rung: () =>
      changed || signal.aborted
        ? Promise.resolve()
        : new Promise((resolve) => {
            wake = resolve;
          }),
    stop: () => {
      stopListening();
      clearInterval(timer);
      signal.removeEventListener("abort", ring);
    },
  };
}
