/** The journal of a store in memory. */
import type { JournalEntry, MaiEvent } from "mai-orchestration-core";

/**
 * Kept in columns, and made into entries when they are read: an object for each
 * of five facts a task would be most of what the garbage collector looks at.
 * The number of an entry is its place, from 1; removed ones leave a hole.
 */
export class MemoryJournal {
  readonly #events: (MaiEvent | null)[] = [];
  readonly #times: number[] = [];
  readonly #runIds: string[] = [];
  readonly #taskIds: (string | null)[] = [];

  /** The number that the next entry gets. */
  get nextSeq(): number {
    return this.#events.length + 1;
  }

  add(runId: string, taskId: string | null, event: MaiEvent, at: number): void {
    this.#events.push(event);
    this.#times.push(at);
    this.#runIds.push(runId);
    this.#taskIds.push(taskId);
  }

  page(afterSeq: number, runId: string | undefined, limit: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (let i = Math.max(0, afterSeq); i < this.#events.length && found.length < limit; i++) {
      if (runId !== undefined && this.#runIds[i] !== runId) continue;
      const entry = this.#entryAt(i);
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  removeRun(runId: string): void {
    for (let i = 0; i < this.#events.length; i++) if (this.#runIds[i] === runId) this.#events[i] = null;
  }

  #entryAt(index: number): JournalEntry | null {
    const event = this.#events[index] ?? null;
    if (event === null) return null;
    const taskId = this.#taskIds[index] ?? null;
    const head = { seq: index + 1, at: this.#times[index] ?? 0, runId: this.#runIds[index] ?? "" };
    return taskId === null ? { ...event, ...head } : { ...event, ...head, taskId };
  }
}
