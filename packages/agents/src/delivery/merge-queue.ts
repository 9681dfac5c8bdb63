/**
 * Takes verified work in, one after the other, with all that passed before. Many are merged and checked at once; when
 * that fails, each half is tried, until what broke it stands alone and is left out. Nothing here knows git.
 */
import type { FarmTask, Receipt } from "mai-orchestration-core";

/** Verified work that waits to be taken in. @public */
export interface Candidate {
  readonly task: FarmTask;
  readonly commit: string;
  /** What it builds on and must not come without. */
  readonly after: readonly string[];
  /** The commit of the task whose work this one brought together with the target; `null` for work of its own. */
  readonly origin: string | null;
}

/** A commit and its tree. @public */
export interface Tip {
  readonly commit: string;
  readonly tree: string;
}

/** How work and what is there go together. @public */
export type Merge =
  | ({ readonly type: "merged" } & Tip)
  | { readonly type: "conflict"; readonly tree: string; readonly files: readonly string[] }
  | { readonly type: "failed"; readonly reason: string };

/** What checks say of a merged tree. @public */
export interface Judgement {
  /** Why it is not good; `null` when every check passed. */
  readonly fault: string | null;
  readonly receipts: readonly Receipt[];
}

/** What the queue needs of the world. Each of the three answers is durable when it resolves. @public */
export interface QueuePorts {
  merge(onto: Tip, candidate: Candidate): Promise<Merge>;
  /** Runs the checks of all these on a tree. */
  check(tip: Tip, candidates: readonly Candidate[]): Promise<Judgement>;
  merged(tip: Tip, candidates: readonly Candidate[], receipts: readonly Receipt[]): Promise<void>;
  failed(candidate: Candidate, reason: string, receipts: readonly Receipt[]): Promise<void>;
  conflicted(candidate: Candidate, onto: Tip, conflict: Extract<Merge, { type: "conflict" }>): Promise<void>;
}

/** Where a queue begins, and what waits in it. @public */
export interface Queue {
  readonly tip: Tip;
  /** What is in already, whose checks must hold as well. */
  readonly inside: readonly Candidate[];
  readonly waiting: readonly Candidate[];
}

/** Takes in what can be, and resolves where that leads. @internal */
export async function runQueue(queue: Queue, ports: QueuePorts): Promise<Tip> {
  const taker = new Taker(queue, ports);
  let waiting = queue.waiting;
  // Each round settles at least the first of them.
  while (waiting.length > 0) waiting = await taker.take(waiting);
  return taker.tip;
}

interface Chain {
  readonly members: readonly Candidate[];
  readonly tip: Tip;
  /** What contradicts a member: whether it is in its way is only known once the members are judged. */
  readonly deferred: readonly Candidate[];
}

class Taker {
  tip: Tip;
  readonly #ports: QueuePorts;
  readonly #inside: Candidate[];
  readonly #insideIds: Set<string>;
  readonly #waitingIds: Set<string>;

  constructor({ tip, inside, waiting }: Queue, ports: QueuePorts) {
    this.tip = tip;
    this.#ports = ports;
    this.#inside = [...inside];
    this.#insideIds = new Set(inside.map(idOf));
    this.#waitingIds = new Set(waiting.map(idOf));
  }

  /** Resolves those that are to be tried again. */
  async take(candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const { members, tip, deferred } = await this.#chain(candidates);
    const [first] = members;
    if (first === undefined) return deferred;
    const { fault, receipts } = await this.#ports.check(tip, [...this.#inside, ...members]);
    if (fault === null) {
      await this.#ports.merged(tip, members, receipts);
      for (const member of members) this.#accept(member);
      this.tip = tip;
      return deferred;
    }
    if (members.length === 1) {
      await this.#refuse(first, fault, receipts);
      return deferred;
    }
    const half = Math.ceil(members.length / 2);
    const left = await this.take(members.slice(0, half));
    const right = await this.take(members.slice(half));
    return [...left, ...right, ...deferred];
  }

  async #chain(candidates: readonly Candidate[]): Promise<Chain> {
    const members: Candidate[] = [];
    const deferred: Candidate[] = [];
    const within = new Set<string>();
    let tip = this.tip;
    for (const candidate of candidates) {
      const missing = candidate.after.filter((id) => !this.#insideIds.has(id) && !within.has(id));
      const gone = missing.find((id) => !this.#waitingIds.has(id));
      if (gone !== undefined) {
        await this.#refuse(candidate, `it builds on ${gone}, which is not delivered`, []);
        continue;
      }
      const merge = missing.length > 0 ? null : await this.#ports.merge(tip, candidate);
      if (merge?.type === "merged") {
        members.push(candidate);
        within.add(idOf(candidate));
        tip = merge;
      } else if (merge?.type === "failed") {
        await this.#refuse(candidate, merge.reason, []);
      } else if (merge !== null && members.length === 0) {
        await this.#ports.conflicted(candidate, tip, merge);
        this.#waitingIds.delete(idOf(candidate));
      } else deferred.push(candidate);
    }
    return { members, tip, deferred };
  }

  #accept(candidate: Candidate): void {
    this.#inside.push(candidate);
    this.#insideIds.add(idOf(candidate));
    this.#waitingIds.delete(idOf(candidate));
  }

  async #refuse(candidate: Candidate, reason: string, receipts: readonly Receipt[]): Promise<void> {
    await this.#ports.failed(candidate, reason, receipts);
    this.#waitingIds.delete(idOf(candidate));
  }
}

function idOf({ task }: Candidate): string {
  return task.taskId;
}
