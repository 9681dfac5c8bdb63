/** The journal of a store in memory. */
import type { JournalEntry, MaiEvent } from "mai-orchestration-core";

interface Fact {
  readonly seq: number;
  readonly at: number;
  readonly runId: string;
  readonly taskId: string | null;
  readonly event: MaiEvent;
}

export class MemoryJournal {
  /** As they came; made into entries when they are read. */
  #entries: Fact[] = [];
  #seq = 0;

  /** The number that the next entry gets. */
  get nextSeq(): number {
    return this.#seq + 1;
  }

  add(runId: string, taskId: string | null, event: MaiEvent, at: number): void {
    this.#entries.push({ seq: ++this.#seq, at, runId, taskId, event });
  }

  page(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (let i = this.#firstAfter(afterSeq); i < this.#entries.length && found.length < limit; i++) {
      const entry = this.#entries[i];
      if (entry !== undefined && (runId === undefined || entry.runId === runId)) found.push(entryOf(entry));
    }
    return found;
  }

  removeRun(runId: string): void {
    this.#entries = this.#entries.filter((entry) => entry.runId !== runId);
  }

  /** The index of the first entry after `seq`; entries are in the order of `seq`. */
  #firstAfter(seq: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function entryOf({ seq, at, runId, taskId, event }: Fact): JournalEntry {
  return taskId === null ? { ...event, seq, at, runId } : { ...event, seq, at, runId, taskId };
}
