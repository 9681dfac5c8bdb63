/** Takes from pg-boss what it has taken back from workers that did not renew, and journals those attempts as lost. */
import type { Store } from "mai-orchestration-engine";
import type { Sql } from "./database.ts";
import type { Leased, Leases } from "./leases.ts";
import { taskColumns, taskRowOf, taskTables } from "./rows.ts";
import type { Turns } from "./turns.ts";

const sweepMs = 1_000;
const reason = "its worker has not renewed its lease";

export class Sweep {
  readonly #leases: Leases;
  readonly #turns: Turns;
  readonly #s: string;
  readonly #store: Store;
  readonly #onLost: () => void;
  #timer: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param onLost - attempts were lost, which those of this process have not asked for */
  constructor(leases: Leases, turns: Turns, schema: string, store: Store, onLost: () => void) {
    this.#leases = leases;
    this.#turns = turns;
    this.#s = schema;
    this.#store = store;
    this.#onLost = onLost;
  }

  /** Looks again and again from now on; by itself it keeps no process alive. */
  start(): void {
    if (this.#timer !== null || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#work = this.#look()
        // Tried again with the next look.
        .catch(() => undefined)
        .then(() => this.start());
    }, sweepMs).unref();
  }

  /** These came along with something else that was fetched. */
  lose(lapsed: readonly Leased[]): void {
    // Their jobs are active again, and in nobody's hands: what fails here is handed over once more.
    this.#settle(lapsed).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#work;
  }

  async #look(): Promise<void> {
    // Whoever looks also makes pg-boss look: the one that did may be dead.
    await this.#leases.start();
    const lapsed = await this.#leases.redelivered();
    if (lapsed.length > 0) await this.#settle(lapsed);
  }

  async #settle(lapsed: readonly Leased[]): Promise<void> {
    const rows = await this.#turns.read((sql) => this.#rows(sql, lapsed));
    const orphans = lapsed.filter(({ job }) => !rows.some((row) => row.job === job));
    if (orphans.length > 0) {
      await this.#turns.read((sql) =>
        this.#leases.end(
          sql,
          orphans.map(({ job }) => job),
        ),
      );
    }
    await Promise.all(
      rows.map(({ task }) => {
        const { runId, spec, attempt, workerId } = task;
        const ref = { runId, taskId: spec.taskId, attempt, ...(workerId === null ? {} : { workerId }) };
        // Nobody can say whether it died; what was asked to stop ends as cancelled either way.
        return this.#store.settle(ref, { type: "lost", reason });
      }),
    );
    if (rows.length > 0) this.#onLost();
  }

  async #rows(sql: Sql, lapsed: readonly Leased[]): Promise<ReturnType<typeof taskRowOf>[]> {
    const rows = await sql.query(
      `select ${taskColumns} from ${taskTables(this.#s)} where t.id = any($1::bigint[]) and t.job = any($2::uuid[])`,
      [lapsed.map(({ sequence }) => sequence), lapsed.map(({ job }) => job)],
    );
    return rows.map(taskRowOf);
  }
}
