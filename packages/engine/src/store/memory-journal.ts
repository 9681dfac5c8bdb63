/** The journal of a store in memory. */
import type { JournalEntry, MaiEvent } from "mai-orchestration-core";

export class MemoryJournal {
  #entries: JournalEntry[] = [];
  #seq = 0;

  /** The number that the next entry gets. */
  get nextSeq(): number {
    return this.#seq + 1;
  }

  add(runId: string, taskId: string | null, event: MaiEvent, at: number): void {
    const seq = ++this.#seq;
    this.#entries.push(taskId === null ? { ...event, seq, at, runId } : { ...event, seq, at, runId, taskId });
  }

  page(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (let i = this.#firstAfter(afterSeq); i < this.#entries.length && found.length < limit; i++) {
      const entry = this.#entries[i];
      if (entry !== undefined && (runId === undefined || entry.runId === runId)) found.push(entry);
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
