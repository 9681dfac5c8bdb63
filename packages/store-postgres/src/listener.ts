/** Who hears of commits: handles of this process at once, those of others by LISTEN, over one connection for all. */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Database } from "./database.ts";

/** Tells whether another process made the commit. */
export type Heard = (foreign: boolean) => void;

/** Commits of others are told at most so often; the last one always is. */
const gatherMs = 100;
const retryMs = 500;

/** All handles of this process on one namespace. */
const hubs = new Map<string, Hub>();

/** @param key - equal for handles on the same namespace */
export function hubOf(key: string, schema: string): Hub {
  const known = hubs.get(key);
  if (known !== undefined) return known;
  const hub = new Hub(schema, () => {
    if (hubs.get(key) === hub) hubs.delete(key);
  });
  hubs.set(key, hub);
  return hub;
}

export class Hub {
  readonly #channel: string;
  readonly #self = randomUUID();
  readonly #listeners = new Map<object, Set<Heard>>();
  readonly #onEmpty: () => void;
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #gathered: NodeJS.Timeout | null = null;
  #again = false;
  #connecting: Promise<void> | null = null;

  constructor(schema: string, onEmpty: () => void) {
    this.#channel = `${schema}_commits`;
    this.#onEmpty = onEmpty;
  }

  /**
   * Pending while the connection is being made for the first listener, or again. Who reads after it has settled sees all
   * that was said before, and hears of everything after.
   */
  get connecting(): Promise<void> | null {
    return this.#connecting;
  }

  /** The statement by which a commit tells other processes. */
  get notification(): string {
    return `select pg_notify('${this.#channel}', '${this.#self}');`;
  }

  /** @param handle - whose commits are no news to the listener */
  listen(handle: object, db: Database, listener: Heard): () => void {
    const own = this.#listeners.get(handle) ?? new Set();
    own.add(listener);
    this.#listeners.set(handle, own);
    if (this.#client === null && this.#timer === null) this.#connect(db);
    return () => {
      // Said twice, it must not end what another listener of the handle has begun meanwhile.
      if (own.delete(listener) && own.size === 0) this.leave(handle);
    };
  }

  leave(handle: object): void {
    this.#listeners.delete(handle);
    if (this.#listeners.size > 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#gathered !== null) clearTimeout(this.#gathered);
    this.#timer = null;
    this.#gathered = null;
    const client = this.#client;
    this.#client = null;
    client?.end().catch(() => undefined);
    this.#onEmpty();
  }

  /** A handle has committed; `told` when others may be interested. */
  committed(handle: object, told: boolean): void {
    for (const listener of this.#listeners.get(handle) ?? []) listener(false);
    if (!told) return;
    for (const [other, listeners] of this.#listeners) {
      if (other !== handle) for (const listener of listeners) listener(true);
    }
  }

  /** Tells all handles of this process of something that none of them has asked for. */
  tell(): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(true);
  }

  #connect(db: Database, again = false): void {
    const client = db.client();
    this.#client = client;
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = null;
      client.end().catch(() => undefined);
      this.#timer = setTimeout(() => {
        this.#timer = null;
        if (this.#listeners.size > 0) this.#connect(db, true);
      }, retryMs).unref();
    };
    client.on("error", lost);
    client.on("end", lost);
    client.on("notification", ({ payload }) => {
      if (payload !== this.#self) this.#heard();
    });
    this.#connecting = client
      .connect()
      .then(() => client.query(`listen ${this.#channel}`))
      .then(() => {
        // By itself, listening keeps no process alive. The driver has it, its types do not.
        (client as pg.Client & { unref(): void }).unref();
        // What was said while nobody listened.
        if (again) this.#heard();
      })
      .catch(lost)
      .finally(() => {
        if (this.#client === client || this.#client === null) this.#connecting = null;
      });
  }

  /** At once, and then no sooner than after a while. */
  #heard(): void {
    if (this.#gathered !== null) {
      this.#again = true;
      return;
    }
    this.#gathered = setTimeout(() => {
      this.#gathered = null;
      if (this.#again) this.#heard();
    }, gatherMs).unref();
    this.#again = false;
    this.tell();
  }
}
