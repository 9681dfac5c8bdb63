/**
 * Reads the journal without passing over entries that commit late. Numbers are taken before the commit, so that a
 * reader may see 7 before 6. Up to the horizon nothing can appear any more: either no number is missing, or every
 * transaction that had taken one when the last of them was seen is over by now.
 */
import type { JournalEntry } from "mai-orchestration-core";
import type { Sql } from "./database.ts";
import { entryOf, keyOf } from "./rows.ts";

const page = 1_000;
/** A gap is looked at again so soon. */
const againMs = 5;
/** So long is waited for a gap within one call; then what is certain is told, and the rest with a later call. */
const patienceMs = 2_000;
/** So many entries are counted to see whether one is missing. */
const countable = 10_000;

export class JournalReader {
  readonly #s: string;
  #horizon = 0;
  /** A number seen, and a transaction that began after it: whoever took a number below it began before. */
  #seen: { readonly seq: number; readonly before: number } | null = null;

  constructor(schema: string) {
    this.#s = schema;
  }

  async read(
    sql: Sql,
    afterSeq: number,
    options: { readonly runId?: string; readonly limit?: number } = {},
  ): Promise<readonly JournalEntry[]> {
    const { runId, limit = page } = options;
    await this.#advance(sql);
    const rows = await sql.query(
      `select e.seq, e.at, e.type, e.data, r.record, t.spec from ${this.#s}.events e
        join ${this.#s}.runs r on r.id = e.run left join ${this.#s}.tasks t on t.id = e.task
        where e.seq > $1 and e.seq <= $2 and ($3::text is null or r.run_key = $3) order by e.seq limit $4`,
      [afterSeq, this.#horizon, runId === undefined ? null : keyOf(runId), limit],
    );
    return rows.map(entryOf);
  }

  /** Moves the horizon to what is visible now, waiting a little for whoever is still committing below it. */
  async #advance(sql: Sql): Promise<void> {
    const started = performance.now();
    for (;;) {
      const last = await this.#lastWithoutGap(sql);
      if (last === null) return;
      // A writer has its number as a transaction before it takes numbers of entries, see `begin`.
      const [row] = await sql.query(
        `select pg_current_xact_id(); select pg_current_xact_id()::text::bigint as own,
          pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest`,
      );
      const { own, oldest } = row as { own: number; oldest: number };
      this.#seen ??= { seq: last, before: own };
      if (oldest >= this.#seen.before) {
        this.#horizon = Math.max(this.#horizon, this.#seen.seq);
        this.#seen = null;
        if (this.#horizon >= last) return;
      }
      if (performance.now() - started > patienceMs) return;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }

  /** The last number that is visible, when there is a gap below it; `null`, with the horizon moved there, when there is none. */
  async #lastWithoutGap(sql: Sql): Promise<number | null> {
    const [row] = await sql.query(
      `select last, case when last - $1 <= ${countable} then (select count(*) from ${this.#s}.events where seq > $1 and seq <= last)
        end as count from (select coalesce(max(seq), 0) as last from ${this.#s}.events) e`,
      [this.#horizon],
    );
    const { last, count } = row as { last: number; count: number | null };
    if (last <= this.#horizon) return null;
    if (count !== last - this.#horizon) return last;
    this.#horizon = last;
    this.#seen = null;
    return null;
  }
}
