/** Reads the facts that a turn needs. What it may change is locked as it is read; heads of lanes are not, their version tells. */
import { demandOfLane, serves } from "mai-orchestration-core";
import type { Sql } from "./database.ts";
import { type Facts, filterKey, idKey, type Need, type ReadyFact, type RunRow, readyKey } from "./facts.ts";
import { keyOf, runOf, type TaskRow, taskColumns, taskRowOf, taskTables } from "./rows.ts";

type NeedOf<T extends Need["type"]> = Extract<Need, { readonly type: T }>;

export class Loader {
  readonly #s: string;

  constructor(schema: string) {
    this.#s = schema;
  }

  /** @param round - how often the turn has been played; from the second time on, more is read than was asked for */
  async load(sql: Sql, facts: Facts, needs: readonly Need[], round: number): Promise<void> {
    const of = <T extends Need["type"]>(type: T): NeedOf<T>[] =>
      needs.filter((need): need is NeedOf<T> => need.type === type);
    const runIds = [...of("run"), ...of("lanes")].map(({ runId }) => runId);
    const unknown = [...new Set(runIds)].filter((runId) => !facts.runs.has(runId));
    const tasks = of("task");
    for (const { runId } of [...tasks, ...of("ready")]) {
      if (!facts.runs.has(runId)) unknown.push(runId);
    }
    for (const { filter } of of("tasks")) if (!facts.runs.has(filter.runId)) unknown.push(filter.runId);
    if (unknown.length > 0) await this.#runs(sql, facts, [...new Set(unknown)]);
    if (tasks.length > 0) await this.#tasks(sql, facts, tasks);
    for (const { filter } of of("tasks")) await this.#filtered(sql, facts, filter);
    const named = of("dependantsOf").flatMap(
      ({ runId, taskId }) => facts.ids.get(idKey(runId, taskId)) ?? [],
    );
    const dependencies = [...of("dependants").map(({ sequence }) => sequence), ...named];
    if (dependencies.length > 0) await this.#dependants(sql, facts, dependencies, round > 2);
    await this.#rows(
      sql,
      facts,
      of("row").map(({ sequence }) => sequence),
    );
    const count = Math.max(0, ...of("sequences").map((need) => need.count));
    if (count > 0) await this.#sequences(sql, facts, count);
    const agents = new Set(of("agent").map(({ agentId }) => agentId));
    if (agents.size > 0) await this.#agents(sql, facts, [...agents]);
    if (of("locks").length > 0) await this.#locks(sql, facts);
    const waiting = Math.max(0, ...of("waiting").map(({ limit }) => limit));
    if (waiting > 0) await this.#waiting(sql, facts, waiting);
    const lanes = of("lanes").map(({ runId }) => runId);
    if (lanes.length > 0) await this.#lanes(sql, facts, lanes);
    for (const group of groupsOf([...of("ready"), ...headsOf(facts, of("heads"))])) {
      await this.#ready(sql, facts, group);
    }
  }

  async #runs(sql: Sql, facts: Facts, runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) facts.runs.set(runId, null);
    const rows = await sql.query(
      `select r.*, (select count(*) from ${this.#s}.tasks t
          where t.run = r.id and t.phase in ('running', 'verifying', 'cancelling')) as held,
        (select count(*) from ${taskTables(this.#s)} where t.run = r.id and t.phase in ('running', 'cancelling')
          and t.answer is null and l.lane like '["prose"%') as paid
        from ${this.#s}.runs r where r.run_key = any($1)`,
      [runIds.map(keyOf)],
    );
    for (const row of rows) {
      const run: RunRow = {
        id: row["id"] as number,
        record: runOf(row),
        held: row["held"] as number,
        paid: row["paid"] as number,
        spending: { spentUsd: row["spent_usd"] as number, largestUsd: row["largest_usd"] as number },
      };
      facts.runs.set(run.record.runId, run);
    }
  }

  async #tasks(sql: Sql, facts: Facts, needs: readonly NeedOf<"task">[]): Promise<void> {
    const runs: number[] = [];
    const keys: string[] = [];
    for (const { runId, taskId } of needs) {
      const key = idKey(runId, taskId);
      if (facts.ids.has(key)) continue;
      facts.ids.set(key, null);
      const run = facts.runs.get(runId);
      if (run === null || run === undefined) continue;
      runs.push(run.id);
      keys.push(keyOf(taskId));
    }
    if (keys.length === 0) return;
    const rows = await sql.query(
      `select ${taskColumns} from ${taskTables(this.#s)}
        where (t.run, t.task_key) in (select * from unnest($1::bigint[], $2::text[]))
        order by t.id for no key update of t`,
      [runs, keys],
    );
    for (const row of rows) facts.add(taskRowOf(row));
  }

  /** With their dependants, which cancelling them needs. */
  async #filtered(sql: Sql, facts: Facts, filter: NeedOf<"tasks">["filter"]): Promise<void> {
    const run = facts.runs.get(filter.runId);
    const rows =
      run === null || run === undefined
        ? []
        : await sql.query(
            `select ${taskColumns} from ${taskTables(this.#s)} where t.run = $1
              and ($2::text[] is null or t.task_key = any($2)) and ($3::text[] is null or t.phase = any($3))
              order by t.id for no key update of t`,
            [run.id, filter.taskIds?.map(keyOf) ?? null, filter.phases ?? null],
          );
    const sequences = rows.map((row) => row["id"] as number);
    for (const row of rows) {
      const sequence = row["id"] as number;
      if (!facts.rows.has(sequence)) facts.add(taskRowOf(row));
    }
    facts.filtered.set(filterKey(filter), sequences);
    if (sequences.length > 0) await this.#dependants(sql, facts, sequences, true);
  }

  /**
   * Who depends on these tasks, whose rows are locked by now: nobody can add another one meanwhile.
   *
   * @param all - also who depends on those, to the end
   */
  async #dependants(sql: Sql, facts: Facts, of: readonly number[], all: boolean): Promise<void> {
    const unknown = of.filter((sequence) => !facts.dependants.has(sequence));
    const reach = all
      ? await sql.query(
          `with recursive reach(id) as (
            select unnest($1::bigint[]) union select e.dependant from ${this.#s}.edges e join reach on e.dependency = reach.id
          ) select id from reach`,
          [unknown],
        )
      : unknown.map((id) => ({ id }));
    const reached = reach.map((row) => row["id"] as number);
    await this.#rows(sql, facts, reached);
    // Rows are locked by now, and whoever adds a dependant counts it there.
    const sequences = reached.filter((sequence) => (facts.rows.get(sequence)?.dependants ?? 1) > 0);
    for (const sequence of reached) {
      if (!sequences.includes(sequence) && !facts.dependants.has(sequence))
        facts.dependants.set(sequence, []);
    }
    if (sequences.length === 0) return;
    const edges = await sql.query(
      `select dependency, dependant from ${this.#s}.edges where dependency = any($1::bigint[]) order by dependant`,
      [sequences],
    );
    const found = new Map<number, number[]>(sequences.map((sequence) => [sequence, []]));
    for (const { dependency, dependant } of edges as readonly { dependency: number; dependant: number }[]) {
      found.get(dependency)?.push(dependant);
    }
    for (const [sequence, dependants] of found) {
      if (!facts.dependants.has(sequence)) facts.dependants.set(sequence, dependants);
    }
    await this.#rows(sql, facts, [...found.values()].flat());
  }

  async #rows(sql: Sql, facts: Facts, sequences: readonly number[]): Promise<void> {
    const unknown = [...new Set(sequences)].filter((sequence) => !facts.rows.has(sequence));
    if (unknown.length === 0) return;
    for (const sequence of unknown) facts.rows.set(sequence, null);
    const rows = await sql.query(
      `select ${taskColumns} from ${taskTables(this.#s)} where t.id = any($1::bigint[])
        order by t.id for no key update of t`,
      [unknown],
    );
    for (const row of rows) facts.add(taskRowOf(row));
  }

  /** Numbers without a gap: who submits at the same time waits until this transaction is over. */
  async #sequences(sql: Sql, facts: Facts, count: number): Promise<void> {
    const more = count - (facts.sequences?.count ?? 0);
    const [row] = await sql.query(
      `update ${this.#s}.counters set value = value + $1 where name = 'task' returning value`,
      [more],
    );
    const last = row?.["value"] as number;
    facts.sequences = { first: last - count + 1, count };
  }

  async #agents(sql: Sql, facts: Facts, agentIds: readonly string[]): Promise<void> {
    const rows = await sql.query(
      `select a.max_concurrent as cap, (select count(*) from ${this.#s}.tasks t
          where t.agent_key = given.key and t.phase in ('running', 'verifying', 'cancelling')) as held
        from unnest($1::text[]) with ordinality as given(key, at) left join ${this.#s}.agents a on a.agent_key = given.key
        order by given.at`,
      [agentIds.map(keyOf)],
    );
    rows.forEach((row, at) => {
      const agentId = agentIds[at] ?? "";
      facts.agents.set(agentId, { cap: row["cap"] as number | null, held: row["held"] as number });
    });
  }

  async #locks(sql: Sql, facts: Facts): Promise<void> {
    const rows = await sql.query(
      `select t.id, l.lane from ${taskTables(this.#s)}
        where t.phase in ('running', 'verifying', 'cancelling') and l.locks`,
    );
    facts.locks = new Map(rows.map((row) => [row["id"] as number, locksOf(row["lane"] as string)]));
  }

  async #waiting(sql: Sql, facts: Facts, limit: number): Promise<void> {
    const rows = await sql.query(
      `select ${taskColumns} from ${taskTables(this.#s)} where t.phase in ('retry-wait', 'quota-wait')
        order by t.not_before limit $1`,
      [limit],
    );
    const read = rows.map(taskRowOf);
    for (const row of read) addUnlessKnown(facts, row);
    const sequences = read.map(({ task }) => task.sequence);
    facts.waiting = { sequences, isWhole: rows.length < limit };
  }

  /** Those that have ready tasks. */
  async #lanes(sql: Sql, facts: Facts, runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) facts.lanes.set(runId, []);
    const runs = runIds.flatMap((runId) => facts.runs.get(runId) ?? []);
    const rows = await sql.query(
      `select l.run, l.lane from ${this.#s}.lanes l where l.run = any($1::bigint[])
        and exists (select 1 from ${this.#s}.tasks t where t.run = l.run and t.lane = l.id and t.phase = 'ready')
        order by l.id`,
      [runs.map(({ id }) => id)],
    );
    for (const { id, record } of runs) {
      const lanes = rows.filter((row) => row["run"] === id).map((row) => row["lane"] as string);
      facts.lanes.set(record.runId, lanes);
    }
  }

  async #ready(sql: Sql, facts: Facts, group: ReadyGroup): Promise<void> {
    const { runId, limit, wanted, lanes } = group;
    const run = facts.runs.get(runId);
    const rows =
      run === null || run === undefined
        ? []
        : await sql.query(
            `select ${taskColumns} from ${this.#s}.lanes l cross join lateral (
                select * from ${this.#s}.tasks one where one.run = $1 and one.lane = l.id and one.phase = 'ready'
                  and ($4::text[] is null or one.task_key = any($4))
                order by one.serve_day, one.behind_ms desc, one.id limit $3) t
              where l.run = $1 and l.lane = any($2) order by t.serve_day, t.behind_ms desc, t.id`,
            [run.id, lanes, limit, wanted?.map(keyOf) ?? null],
          );
    const read = rows.map(taskRowOf);
    for (const row of read) addUnlessKnown(facts, row);
    for (const lane of lanes) {
      const keys = read.flatMap((row) => {
        if (row.lane !== lane) return [];
        const { serveDay, behindMs, sequence } = row.task;
        return [{ serveDay: serveDay ?? 0, behindMs, sequence }];
      });
      const fact: ReadyFact = { keys, isWhole: keys.length < limit };
      facts.ready.set(readyKey(runId, lane, wanted), fact);
    }
  }
}

/** Heads of the lanes, which are read by now, that somebody serves. */
function headsOf(facts: Facts, needs: readonly NeedOf<"heads">[]): NeedOf<"ready">[] {
  return needs.flatMap(({ runId, limit, wanted, offers }) => {
    const lanes = facts.lanes.get(runId) ?? [];
    const served = lanes.filter((lane) => offers.some((offer) => serves(offer, demandOfLane(lane))));
    return served.map((lane) => ({ type: "ready" as const, runId, lane, limit, wanted }));
  });
}

interface ReadyGroup {
  readonly runId: string;
  readonly limit: number;
  readonly wanted: readonly string[] | null;
  readonly lanes: string[];
}

/** Lanes of one run are read together. */
function groupsOf(needs: readonly NeedOf<"ready">[]): ReadyGroup[] {
  const groups = new Map<string, ReadyGroup>();
  for (const { runId, lane, limit, wanted } of needs) {
    const key = JSON.stringify([runId, limit, wanted]);
    const group = groups.get(key) ?? { runId, limit, wanted, lanes: [] };
    group.lanes.push(lane);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A row that was read and locked before is newer than one that is read without a lock only if nobody could change it. */
function addUnlessKnown(facts: Facts, row: TaskRow): void {
  const known = facts.rows.get(row.task.sequence);
  if (known === undefined || known === null) facts.add(row);
}

function locksOf(lane: string): readonly string[] {
  const [, , , , locks] = JSON.parse(lane) as [unknown, unknown, unknown, unknown, string[]];
  return locks;
}
