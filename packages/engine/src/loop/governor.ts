/**
 * Which agents are closed: their account has no quota, no login or no service,
 * and somebody of their `fallback` stands in for them. A closed agent is
 * offered no task, so that a full queue does not burn through its account.
 * When the time of a closing is over, one attempt probes it before the others
 * follow.
 *
 * An agent is closed only while one that can be reached by its chain is open:
 * so nobody waits for a closed one, and what nobody else can do fails or waits
 * as it would alone. What an engine knows here it has seen itself, and forgets
 * with its end.
 */
import { quotaWaitMs, type StoodInFor } from "mai-orchestration-core";
import type { Agent } from "../ports/agent.ts";
import type { Clock } from "../ports/clock.ts";
import type { Offer, Outcome } from "../ports/store.ts";
import { offerOf } from "./request.ts";

/** How long an agent is closed after its first outage; each further one in a row doubles it. */
const outageMs = 60_000;
const longestOutageMs = 16 * outageMs;

interface Closing {
  /** When it is probed, Unix milliseconds; infinite for a login that is missing. */
  readonly until: number;
  /** Outages in a row. */
  readonly outages: number;
}

/** Shapes what an engine offers to its store. */
export class Governor {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  readonly #closings = new Map<string, Closing>();
  #stopTimer: () => void = () => undefined;

  /** @param onDue - called when a closed agent may be probed */
  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** The agents as they are to be offered now. */
  offers(agents: readonly Agent[], free: (agent: Agent) => number, tags?: readonly string[]): Offer[] {
    if (this.#closings.size === 0) return agents.map((agent) => offerOf(agent, free(agent), tags));
    const standIns = this.#standIns(agents);
    return agents.map((agent) =>
      offerOf(agent, this.#freeOf(agent, free(agent)), tags, standIns.get(agent.agentId)),
    );
  }

  /** Takes note of how an attempt of the agent ended, and says whether another one does its task. */
  heard(agent: Agent, agents: readonly Agent[], outcome: Outcome): Outcome {
    const { agentId } = agent;
    if (outcome.type !== "failed" && outcome.type !== "succeeded") return outcome;
    if (outcome.type === "succeeded" || !isOfAccount(outcome.kind)) {
      // What began before the closing says nothing about what comes after it.
      if ((this.#closings.get(agentId)?.until ?? 0) <= this.#clock.now()) this.#closings.delete(agentId);
      return outcome;
    }
    if (this.#standInOf(agent, agents) === undefined) return outcome;
    this.#close(agentId, this.#closingOf(agentId, outcome));
    return { ...outcome, elsewhere: true };
  }

  /** Nothing of it keeps a process alive. */
  rest(): void {
    this.#stopTimer();
  }

  #closingOf(agentId: string, { kind, retryAt }: Extract<Outcome, { type: "failed" }>): Closing {
    const now = this.#clock.now();
    const before = this.#closings.get(agentId);
    if (kind === "login") return { until: Number.POSITIVE_INFINITY, outages: 0 };
    if (kind === "quota")
      return { until: retryAt !== null && retryAt > now ? retryAt : now + quotaWaitMs, outages: 0 };
    // Attempts that ran side by side saw the same outage.
    if (before !== undefined && before.until > now) return before;
    const outages = (before?.outages ?? 0) + 1;
    return { until: now + Math.min(outageMs * 2 ** (outages - 1), longestOutageMs), outages };
  }

  #close(agentId: string, closing: Closing): void {
    const until = Math.max(closing.until, this.#closings.get(agentId)?.until ?? 0);
    this.#closings.set(agentId, { ...closing, until });
    this.wake();
  }

  /** Sets the alarm for the next agent that may be probed. */
  wake(): void {
    this.#stopTimer();
    const now = this.#clock.now();
    const times = [...this.#closings.values()].map(({ until }) => until).filter((until) => until > now);
    const next = Math.min(...times);
    if (!Number.isFinite(next)) return;
    this.#stopTimer = this.#clock.timer(
      next - now,
      () => {
        this.wake();
        this.#onDue();
      },
      true,
    );
  }

  #isClosed({ agentId }: Pick<Agent, "agentId">): boolean {
    return (this.#closings.get(agentId)?.until ?? 0) > this.#clock.now();
  }

  #freeOf(agent: Agent, free: number): number {
    if (!this.#closings.has(agent.agentId)) return free;
    if (this.#isClosed(agent)) return 0;
    // Due: one attempt at a time, until one shows that it works again.
    return free === agent.maxConcurrent ? Math.min(1, free) : 0;
  }

  /** The first open one of its chain, and of the chains of those that are closed. */
  #standInOf(
    agent: Agent,
    agents: readonly Agent[],
    passed: ReadonlySet<Agent> = new Set(),
  ): Agent | undefined {
    const seen = new Set(passed).add(agent);
    for (const id of agent.fallback ?? []) {
      const other = agents.find(({ agentId }) => agentId === id);
      if (other === undefined || seen.has(other)) continue;
      const found = this.#isClosed(other) ? this.#standInOf(other, agents, seen) : other;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whom each agent stands in for. */
  #standIns(agents: readonly Agent[]): ReadonlyMap<string, readonly StoodInFor[]> {
    const standIns = new Map<string, StoodInFor[]>();
    for (const agent of agents) {
      // Until a probe shows that it works again, too: a probe may take long.
      if (!this.#closings.has(agent.agentId)) continue;
      const other = this.#standInOf(agent, agents);
      if (other === undefined) continue;
      const { agentId, capabilities } = agent;
      standIns.set(other.agentId, [...(standIns.get(other.agentId) ?? []), { agentId, capabilities }]);
    }
    return standIns;
  }
}

function isOfAccount(kind: Extract<Outcome, { type: "failed" }>["kind"]): boolean {
  return kind === "quota" || kind === "login" || kind === "transient";
}
