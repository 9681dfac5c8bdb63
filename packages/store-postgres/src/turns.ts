/**
 * Group commit: calls made without waiting in between, and all that gather while a transaction is under way, share the
 * next one. A turn is played on what has been read as often as something is missing, then written and committed.
 */
import { isMaiError, MaiError } from "mai-orchestration-core";
import type { Calls } from "mai-orchestration-engine/store";
import type { Database, Sql, Transaction } from "./database.ts";
import { Unsure } from "./database.ts";
import { Missing, type Need } from "./facts.ts";
import { isLostRace, passes, storeError } from "./failures.ts";
import type { Loader } from "./load.ts";
import type { TurnTable } from "./turn-table.ts";

/** What calls say beforehand of what they will need. */
export interface Forecast {
  readonly needs: readonly Need[];
  /** Advisory locks for the whole transaction. */
  readonly locks: readonly bigint[];
}

/** What turns do beside reading and playing. */
export interface TurnPorts {
  readonly db: Database;
  readonly table: TurnTable;
  readonly loader: Loader;
  /** Milliseconds for which a server that is away is waited for. */
  readonly patienceMs: number;
  /** Milliseconds by the store's clock. */
  now(tx: Transaction): number;
  /** Writes what the table has changed. */
  write(tx: Transaction): Promise<void>;
  /** Run together with the commit. */
  beforeCommit(): string;
  /** A transaction is durable. */
  onCommitted(): void;
  /** A transaction was not made. */
  onUndone(): void;
  open(): Promise<void>;
  onClosed(): Promise<void>;
  onChange(listener: (foreign: boolean) => void): () => void;
}

interface Call {
  readonly work: (now: number) => unknown;
  readonly forecast: Forecast | null;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  answer: unknown;
  isRefused: boolean;
}

type Segment =
  | { readonly type: "calls"; readonly turn: number; readonly calls: Call[] }
  | { readonly type: "reads"; readonly turn: number; readonly reads: (() => Promise<void>)[] }
  | { readonly type: "alone"; readonly turn: number; readonly work: () => Promise<void> };

/** A turn that grows beyond this waits for the next transaction. */
const mostCalls = 500;
const mostRaces = 50;

export class Turns implements Calls {
  readonly #ports: TurnPorts;
  /** The first of them is under way when `#busy`. */
  readonly #segments: Segment[] = [];
  #busy = false;
  #scheduled = false;
  #turn = 0;
  #forecast: Forecast | null = null;
  #closing: Promise<void> | null = null;

  constructor(ports: TurnPorts) {
    this.#ports = ports;
  }

  /** Makes the calls of `ask` with a forecast of what they need. */
  expecting<T>(forecast: Forecast, ask: () => T): T {
    this.#forecast = forecast;
    try {
      return ask();
    } finally {
      this.#forecast = null;
    }
  }

  add<T>(_writes: boolean, work: (now: number) => T): Promise<T> {
    const forecast = this.#forecast;
    return this.#enter<T>((resolve, reject) => {
      const call: Call = { work, forecast, resolve, reject, answer: undefined, isRefused: false };
      const last = this.#segments.at(-1);
      const isOpen = last?.type === "calls" && last.calls.length < mostCalls && !this.#isUnderWay(last);
      if (isOpen) last.calls.push(call);
      else this.#segments.push({ type: "calls", turn: this.#turn, calls: [call] });
    });
  }

  /** Reads once all that was asked before is durable. Reads of one turn go on side by side. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#enter<T>((resolve, reject) => {
      const read = (): Promise<void> =>
        this.#untilThere(() => work(this.#ports.db)).then(resolve, (error: unknown) =>
          reject(storeError(error, this.#ports.table.name)),
        );
      const last = this.#segments.at(-1);
      if (last?.type === "reads" && !this.#isUnderWay(last)) last.reads.push(read);
      else this.#segments.push({ type: "reads", turn: this.#turn, reads: [read] });
    });
  }

  /** Makes a transaction of its own. */
  alone<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#enter<T>((resolve, reject) => {
      const alone = async (): Promise<void> => {
        try {
          resolve(await this.#transact([], work));
          this.#ports.onCommitted();
        } catch (error) {
          reject(storeError(error, this.#ports.table.name));
        }
      };
      this.#segments.push({ type: "alone", turn: this.#turn, work: alone });
    });
  }

  onChange(listener: (foreign: boolean) => void): () => void {
    return this.#closing === null ? this.#ports.onChange(listener) : () => undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    while (this.#busy || this.#segments.length > 0) await new Promise((resolve) => setImmediate(resolve));
    await this.#ports.onClosed();
  }

  #enter<T>(add: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closedError(this.#ports.table.name));
    return new Promise<T>((resolve, reject) => {
      add(resolve as (value: unknown) => void, reject);
      this.#start();
    });
  }

  #isUnderWay(segment: Segment): boolean {
    return this.#busy && this.#segments[0] === segment;
  }

  #start(): void {
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    // What is asked in the same turn is to come along.
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    for (let next = this.#segments[0]; next !== undefined; next = this.#segments[0]) {
      this.#busy = true;
      this.#turn++;
      if (next.type === "calls") await this.#run(next.calls);
      else if (next.type === "reads") await Promise.all(next.reads.map((read) => read()));
      else await next.work();
      this.#segments.shift();
      this.#busy = false;
    }
  }

  async #run(calls: readonly Call[]): Promise<void> {
    const { table } = this.#ports;
    const locks = [...new Set(calls.flatMap((call) => call.forecast?.locks ?? []))].sort(byValue);
    try {
      await this.#transact(locks, async (tx) => {
        table.reset();
        await this.#play(tx, calls);
        await this.#ports.write(tx);
      });
    } catch (error) {
      const told = storeError(error, table.name);
      for (const call of calls) call.reject(told);
      return;
    }
    for (const call of calls) {
      if (call.isRefused) call.reject(call.answer);
      else call.resolve(call.answer);
    }
    this.#ports.onCommitted();
  }

  /** Plays all calls from the start until nothing is missing. */
  async #play(tx: Transaction, calls: readonly Call[]): Promise<void> {
    const { table, loader } = this.#ports;
    const now = this.#ports.now(tx);
    let needs: readonly Need[] = calls.flatMap((call) => call.forecast?.needs ?? []);
    for (let round = 1; ; round++) {
      if (needs.length > 0) await loader.load(tx, table.facts, needs, round);
      table.rewind();
      needs = perform(calls, now);
      if (needs.length === 0) return;
    }
  }

  /** Makes a transaction; again when it lost against another one, and once the server is back when it was away. */
  async #transact<T>(locks: readonly bigint[], work: (tx: Transaction) => Promise<T>): Promise<T> {
    let answer: { readonly value: T } | null = null;
    const options = { locks, beforeCommit: () => this.#ports.beforeCommit() };
    for (let races = 0; ; races++) {
      try {
        return await this.#untilThere(async () => {
          await this.#ports.db.transact(options, async (tx) => {
            answer = { value: await work(tx) };
          });
          return (answer as unknown as { readonly value: T }).value;
        });
      } catch (error) {
        this.#ports.onUndone();
        if (error instanceof Unsure) {
          const { xid } = error;
          const isDone = await this.#untilThere(() => this.#ports.db.wasCommitted(xid));
          if (isDone && answer !== null) return (answer as { readonly value: T }).value;
          continue;
        }
        if (!isLostRace(error) || races >= mostRaces) throw error;
        await later(Math.random() * Math.min(races + 1, 10) * 4);
      }
    }
  }

  /** Tries `work` again while the server is away. */
  async #untilThere<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
      try {
        await this.#ports.open();
        return await work();
      } catch (error) {
        const isLate = performance.now() - started > this.#ports.patienceMs;
        if (error instanceof Unsure || !passes(error) || isLate) throw error;
        this.#ports.onUndone();
        await later(wait);
      }
    }
  }
}

/**
 * Performs each call and says what was missing. A caller's mistake is that caller's alone; anything else takes the whole
 * transaction back, unless something was missing before, which makes all that follows meaningless.
 */
function perform(calls: readonly Call[], now: number): readonly Need[] {
  const needs: Need[] = [];
  for (const call of calls) {
    call.isRefused = false;
    try {
      call.answer = call.work(now);
    } catch (error) {
      if (error instanceof Missing) needs.push(error.need);
      else if (isMaiError(error) && !error.code.startsWith("store.")) {
        call.answer = error;
        call.isRefused = true;
      } else if (needs.length === 0) throw error;
    }
  }
  return needs;
}

function byValue(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function closedError(name: string): MaiError {
  return new MaiError("store.closed", `The store ${name} is closed`, {
    hint: "Make what you need before close(), or open the store again.",
  });
}
