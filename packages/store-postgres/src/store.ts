/** The store port on Postgres: the logic of all stores, played over rows that are read and written in one transaction. */
import { randomUUID } from "node:crypto";
import { isHeld, MaiError } from "mai-orchestration-core";
import type {
  Claimed,
  ClaimRef,
  ClaimRequest,
  Clock,
  Offer,
  RunRecord,
  Scope,
  Store,
  WorkerIdentity,
} from "mai-orchestration-engine";
import { claim, storeOver } from "mai-orchestration-engine/store";
import type { Address } from "./address.ts";
import { type AgentCap, Agents } from "./agents.ts";
import type { ChangedTask } from "./changes.ts";
import { Database, type Transaction } from "./database.ts";
import { forecastOfClaim, forecastOfSettle, forecastOfSubmit } from "./forecasts.ts";
import { JournalReader } from "./journal-reader.ts";
import { type Leased, Leases } from "./leases.ts";
import { type Hub, hubOf } from "./listener.ts";
import { Loader } from "./load.ts";
import { lockOf } from "./locks.ts";
import { migrate, newestVersion, versionOf } from "./migrations.ts";
import { prune } from "./prune.ts";
import { Reads } from "./reads.ts";
import { inspectHeld } from "./renew.ts";
import { Sweep } from "./sweep.ts";
import { TurnTable } from "./turn-table.ts";
import { Turns } from "./turns.ts";
import { type SeenWorker, type WorkerLabel, Workers } from "./workers.ts";
import { Writer } from "./write.ts";

/** What a store in Postgres offers beyond the port. @public */
export interface PostgresStore extends Store {
  /** Milliseconds without renewal after which an attempt is taken from its worker. */
  readonly leaseMs: number;
  /** Says, or with `null` no longer says, what a worker offers. */
  label(worker: WorkerIdentity, label: WorkerLabel | null): Promise<void>;
  /** Those that have said what they offer, the last heard of first. */
  workers(): Promise<readonly SeenWorker[]>;
  /** Runs whose tasks wait for workers: neither finished nor interrupted. Oldest first. */
  openRuns(): Promise<readonly RunRecord[]>;
  /** Sets how many attempts of an agent may run at once, over all workers. Until somebody has, each claimant's own number holds. */
  setAgentCap(agentId: string, maxConcurrent: number): Promise<void>;
  /** The same for agents of which nobody has said it: who names an agent first says its cap. */
  nameAgents(agents: readonly Pick<AgentCap, "agentId" | "maxConcurrent">[]): Promise<void>;
  agentCaps(): Promise<readonly AgentCap[]>;
}

/** Everything {@link Opened} is made of; every field is there. */
export interface Resolved {
  readonly address: Address;
  readonly clock: Clock;
  readonly mustExist: boolean;
  /** Whether times are those of `clock`, and not of the server. */
  readonly ownTime: boolean;
  readonly leaseMs: number;
  readonly connections: number;
  readonly statementMs: number;
  readonly patienceMs: number;
}

export function postgresStore(options: Resolved): PostgresStore {
  return new Opened(options).store;
}

class Opened {
  readonly store: PostgresStore;
  readonly #options: Resolved;
  readonly #schema: string;
  readonly #db: Database;
  readonly #table: TurnTable;
  readonly #turns: Turns;
  readonly #writer: Writer;
  readonly #leases: Leases;
  readonly #sweep: Sweep;
  readonly #hub: Hub;
  #ready: Promise<void> | null = null;
  /** Whether the turn under way is news to others. */
  #isNews = false;
  #lapsed: readonly Leased[] = [];

  constructor(options: Resolved) {
    const { address, connections, statementMs, leaseMs, patienceMs } = options;
    const { schema, name } = address;
    this.#options = options;
    this.#schema = schema;
    this.#db = new Database(address, connections, statementMs);
    this.#table = new TurnTable(name);
    this.#writer = new Writer(schema);
    this.#leases = new Leases(this.#db, schema, Math.ceil(leaseMs / 1_000));
    this.#hub = hubOf(JSON.stringify([address.connection, schema]), schema);
    this.#turns = new Turns({
      db: this.#db,
      table: this.#table,
      loader: new Loader(schema),
      patienceMs,
      now: (tx) => this.#now(tx),
      write: (tx) => this.#write(tx),
      beforeCommit: () => (this.#isNews ? this.#hub.notification : ""),
      onCommitted: () => this.#committed(),
      onUndone: () => this.#writer.forget(),
      open: () => this.#open(),
      onChange: (listener) => this.#hub.listen(this, this.#db, listener),
      onClosed: () => this.#closed(),
    });
    this.store = this.#port();
    this.#sweep = new Sweep(this.#leases, this.#turns, schema, this.store, () => this.#hub.tell());
  }

  #port(): PostgresStore {
    const turns = this.#turns;
    const base = storeOver(this.#table, turns);
    const schema = this.#schema;
    const reads = new Reads(schema);
    const reader = new JournalReader(schema);
    const workers = new Workers(schema);
    const agents = new Agents(schema);
    return {
      ...base,
      leaseMs: this.#options.leaseMs,
      submit: (run, tasks) =>
        turns.expecting(forecastOfSubmit(schema, run, tasks), () => base.submit(run, tasks)),
      claim: (request) => this.#claim(request),
      renew: (worker, claims) => this.#renew(worker, claims),
      settle: (ref, outcome) =>
        turns.expecting(forecastOfSettle(ref, outcome), () => base.settle(ref, outcome)),
      runs: () => turns.read((sql) => reads.runs(sql)),
      run: (runId) => turns.read((sql) => reads.run(sql, runId)),
      tasks: (filter) => turns.read((sql) => reads.tasks(sql, filter)),
      counts: (runId) => turns.read((sql) => reads.counts(sql, runId)),
      held: (runId) => turns.read((sql) => reads.held(sql, runId)),
      drivers: (runId) => turns.read((sql) => reads.drivers(sql, runId)),
      journal: (afterSeq, options) => turns.read((sql) => reader.read(sql, afterSeq, options)),
      prune: (finishedBefore) =>
        turns.alone(async (tx) => {
          this.#isNews = true;
          await this.#leases.start();
          return prune(tx, schema, this.#leases, finishedBefore);
        }),
      label: (worker, label) => turns.alone((tx) => workers.label(tx, worker, label, this.#now(tx))),
      workers: () => turns.alone((tx) => workers.all(tx, this.#now(tx))),
      openRuns: () => turns.read((sql) => reads.openRuns(sql)),
      setAgentCap: (agentId, maxConcurrent) =>
        turns.alone(async (tx) => {
          this.#isNews = true;
          await agents.set(tx, agentId, maxConcurrent);
        }),
      nameAgents: (named) => turns.alone((tx) => agents.name(tx, named)),
      agentCaps: () => turns.read((sql) => agents.all(sql)),
    };
  }

  async #claim(request: ClaimRequest): Promise<Claimed> {
    const { clock, leaseMs } = this.#options;
    const askedAt = performance.now();
    let storeNow = 0;
    const table = this.#table;
    const claimed = await this.#turns.expecting(forecastOfClaim(this.#schema, request), () =>
      this.#turns.add(true, (now) => {
        storeNow = now;
        const scopes = request.scopes.filter(isAwake);
        return claim(table, { ...request, scopes, offers: request.offers.map(capped) }, now);
      }),
    );
    this.#sweep.start();
    const answered = this.#options.ownTime ? claimed : atClock(claimed, clock.now() - storeNow);
    // A lease that may have lapsed while its answer was on the way is no right to begin.
    if (claimed.claims.length === 0 || performance.now() - askedAt < leaseMs / 3) return answered;
    const { lost } = await this.#renew(request.worker, claimed.claims);
    const gone = new Set(lost.map(({ runId, taskId }) => JSON.stringify([runId, taskId])));
    const claims = answered.claims.filter(({ runId, taskId }) => !gone.has(JSON.stringify([runId, taskId])));
    return { ...answered, claims };

    /** A run that was interrupted rests on all machines until it is resumed. */
    function isAwake({ runId }: Scope): boolean {
      const run = table.run(runId);
      return run === undefined || run.interruptedAt === null;
    }

    /** The store's own cap holds for everybody, whatever a claimant was configured with. */
    function capped(offer: Offer): Offer {
      return { ...offer, maxConcurrent: table.capOf(offer.agentId) ?? offer.maxConcurrent };
    }
  }

  /** Beside the turns' transactions, but after those that were asked for before. */
  async #renew(
    worker: WorkerIdentity,
    claims: readonly ClaimRef[],
  ): Promise<{ readonly lost: readonly ClaimRef[]; readonly cancelled: readonly ClaimRef[] }> {
    this.#sweep.start();
    return this.#turns.read(async (sql) => {
      const now = this.#options.ownTime ? this.#options.clock.now() : null;
      return inspectHeld(sql, this.#schema, this.#leases, worker, claims, now);
    });
  }

  /** Opens the namespace once; what failed is tried again with the next call. Nobody reads before he hears. */
  async #open(): Promise<void> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
    await this.#ready;
    await this.#hub.connecting;
  }

  async #prepare(): Promise<void> {
    const name = this.#table.name;
    const version = await versionOf(this.#db, this.#schema);
    if (version === newestVersion) return;
    if (version === null && this.#options.mustExist) {
      throw new MaiError("store.not-found", `There is no store in ${name}`, {
        hint: "`mai run PLAN --store URL` and `mai worker --store URL` make one.",
      });
    }
    const options = { locks: [lockOf(this.#schema, "migrate")], beforeCommit: () => "" };
    await this.#db.transact(options, (tx) => migrate(tx, this.#schema, name));
  }

  #now(tx: Transaction): number {
    return this.#options.ownTime ? this.#options.clock.now() : tx.now;
  }

  async #write(tx: Transaction): Promise<void> {
    const { facts, changes } = this.#table;
    const begun: Leased[] = [];
    const ended: string[] = [];
    const jobOf = (changed: ChangedTask): string | null => {
      const { task, before } = changed;
      const had = before?.job ?? null;
      if (!isHeld(task)) {
        if (had !== null) ended.push(had);
        return null;
      }
      if (had !== null) return had;
      const job = randomUUID();
      begun.push({ job, sequence: task.sequence, attempt: task.attempt });
      return job;
    };
    this.#isNews = changes.events.some(({ event }) => event.type !== "attempt.progressed");
    this.#lapsed = [];
    await this.#writer.write(tx, facts, changes, jobOf);
    if (ended.length > 0 || begun.length > 0) await this.#leases.start();
    if (ended.length > 0) await this.#leases.end(tx, ended);
    if (begun.length > 0) this.#lapsed = await this.#leases.begin(tx, begun);
  }

  #committed(): void {
    const lapsed = this.#lapsed;
    this.#lapsed = [];
    this.#hub.committed(this, this.#isNews);
    this.#isNews = false;
    if (lapsed.length > 0) this.#sweep.lose(lapsed);
  }

  async #closed(): Promise<void> {
    this.#hub.leave(this);
    await this.#sweep.stop();
    await this.#leases.stop();
    await this.#db.close();
  }
}

/** Times of what was claimed as the claimant's own clock tells them. */
function atClock({ claims, nextWakeAt, ...rest }: Claimed, aheadMs: number): Claimed {
  const local = (at: number | null): number | null => (at === null ? null : at + aheadMs);
  return {
    claims: claims.map((one) => ({ ...one, task: { ...one.task, startedAt: local(one.task.startedAt) } })),
    nextWakeAt: local(nextWakeAt),
    ...rest,
  };
}
