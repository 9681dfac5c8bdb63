/** How many attempts of an agent may run at once in a namespace: what the first who named it said, until somebody sets it. */
import type { Sql } from "./database.ts";
import { keyOf } from "./rows.ts";

/** An agent's cap and how much of it is taken. @public */
export interface AgentCap {
  readonly agentId: string;
  readonly maxConcurrent: number;
  readonly held: number;
}

export class Agents {
  readonly #s: string;

  constructor(schema: string) {
    this.#s = schema;
  }

  async set(sql: Sql, agentId: string, maxConcurrent: number): Promise<void> {
    await sql.query(
      `insert into ${this.#s}.agents values ($1, $2, $3)
        on conflict (agent_key) do update set max_concurrent = excluded.max_concurrent`,
      [keyOf(agentId), JSON.stringify(agentId), maxConcurrent],
    );
  }

  async name(sql: Sql, agents: readonly Pick<AgentCap, "agentId" | "maxConcurrent">[]): Promise<void> {
    await sql.query(
      `insert into ${this.#s}.agents select * from unnest($1::text[], $2::text[], $3::integer[]) on conflict do nothing`,
      [
        agents.map(({ agentId }) => keyOf(agentId)),
        agents.map(({ agentId }) => JSON.stringify(agentId)),
        agents.map(({ maxConcurrent }) => Math.min(maxConcurrent, 2 ** 31 - 1)),
      ],
    );
  }

  async all(sql: Sql): Promise<readonly AgentCap[]> {
    const rows = await sql.query(
      `select a.agent_id, a.max_concurrent, (select count(*) from ${this.#s}.tasks t
          where t.agent_key = a.agent_key and t.phase in ('running', 'verifying', 'cancelling')) as held
        from ${this.#s}.agents a order by a.agent_id`,
    );
    return rows.map((row) => ({
      agentId: JSON.parse(row["agent_id"] as string) as string,
      maxConcurrent: row["max_concurrent"] as number,
      held: row["held"] as number,
    }));
  }
}
