/** Writes events of one transaction in as few statements as possible. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MaiEvent } from "mai-orchestration-core";
import { prepared } from "./prepared.ts";
import { dataOf } from "./rows.ts";

/** Rows a statement: one call into SQLite for eight events instead of eight. */
const many = 8;
const columns = 6;

const insert = "INSERT INTO events (seq, run, task, at, type, data) VALUES ";
const row = "(?, ?, ?, ?, ?, ?)";
const statements = {
  last: `SELECT max(ifnull((SELECT max(seq) FROM events), 0),
    ifnull((SELECT value FROM floors WHERE name = 'events'), 0)) AS seq`,
  addOne: insert + row,
  addMany: insert + Array(many).fill(row).join(", "),
};

export class EventWriter {
  readonly #sql: Readonly<Record<keyof typeof statements, StatementSync>>;
  #values: (string | number | null)[] = [];
  /** Tasks whose answer is among the values: rows of tasks point at it. */
  readonly #answered = new Set<number>();
  #nextSeq = 0;

  constructor(db: DatabaseSync) {
    this.#sql = prepared(db, statements);
  }

  /** The number that the next event gets. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /**
   * To be called inside a transaction, before the first event.
   *
   * @param isOurs - whether nobody else has written since the last transaction of ours
   */
  begin(isOurs: boolean): void {
    this.#values = [];
    this.#answered.clear();
    if (!isOurs) this.#nextSeq = Number(this.#sql.last.get()?.["seq"] ?? 0) + 1;
  }

  /** Returns the event's number. */
  add(run: number, task: number | null, event: MaiEvent, at: number): number {
    const seq = this.#nextSeq++;
    this.#values.push(seq, run, task, at, event.type, dataOf(event));
    if (task !== null && "answer" in event && event.answer !== null) this.#answered.add(task);
    if (this.#values.length === many * columns) {
      this.#sql.addMany.run(...this.#values);
      this.#values = [];
      this.#answered.clear();
    }
    return seq;
  }

  /** Writes what whoever reads this task, or any, would miss. */
  flushAnswers(task?: number): void {
    if (task === undefined ? this.#answered.size > 0 : this.#answered.has(task)) this.flush();
  }

  flush(): void {
    for (let i = 0; i < this.#values.length; i += columns) {
      this.#sql.addOne.run(...this.#values.slice(i, i + columns));
    }
    this.#values = [];
    this.#answered.clear();
  }
}
