/** A store and an agent that end this process with SIGKILL at a named moment: just before a call, or once it is durable. */
import type { Agent, Store } from "mai-orchestration-engine";

/** Calls at which an engine can be killed: those of the store that write, and the agent's own run. */
export const killableCalls = ["submit", "claim", "renew", "append", "settle", "note", "run"] as const;

type KillableCall = (typeof killableCalls)[number];

export interface KillPoint {
  readonly call: KillableCall;
  /** `before` it reaches the disk, or `after` it is durable and before anybody acts on it. */
  readonly when: "before" | "after";
  /** Which of these calls, from 1. */
  readonly number: number;
}

/** Counts calls and ends the process at the one that is meant. */
export class Executioner {
  readonly #point: KillPoint | null;
  readonly #counts = new Map<KillableCall, number>();

  constructor(point: KillPoint | null) {
    this.#point = point;
  }

  async around<T>(call: KillableCall, work: () => Promise<T>): Promise<T> {
    const number = (this.#counts.get(call) ?? 0) + 1;
    this.#counts.set(call, number);
    const isMeant = this.#point?.call === call && this.#point.number === number;
    if (isMeant && this.#point?.when === "before") die();
    const answer = await work();
    if (isMeant) die();
    return answer;
  }
}

/** No handler runs, nothing is flushed: what a power button does to a process. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}

export function killingStore(store: Store, executioner: Executioner): Store {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (!killableCalls.includes(key as KillableCall)) return method;
      return (...args: unknown[]) => executioner.around(key as KillableCall, () => method(...args));
    },
  });
}

export function killingAgent(agent: Agent, executioner: Executioner): Agent {
  return { ...agent, run: (task, context) => executioner.around("run", () => agent.run(task, context)) };
}
