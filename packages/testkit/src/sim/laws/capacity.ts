/** How much runs at once. */
import type { ProcessFact } from "../history.ts";
import type { Simulation } from "../simulate.ts";
import { endsAttempt, taskKey } from "./facts.ts";

/**
 * An attempt starts only while fewer of its agent run than the cap of who claims it. A claim may be answered late, so
 * in truth never more live at once than the most generous worker allows.
 */
export function judgeCaps({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const caps = new Map<string, Readonly<Record<string, number>>>();
  /** The agent of each held task. */
  const held = new Map<string, string>();
  const living = new Map<number, ProcessFact>();
  for (const fact of history) {
    if (fact.type === "worker.started") caps.set(fact.worker, fact.caps);
    if (fact.type === "process.ended") living.delete(fact.process);
    if (fact.type === "process.started" && fact.kind === "agent") {
      living.set(fact.process, fact);
      const running = [...living.values()].filter((one) => one.agentId === fact.agentId).length;
      const most = Math.max(...[...caps.values()].map((each) => each[fact.agentId] ?? 0));
      if (running > most) found.push(`${running} processes of ${fact.agentId}, which has ${most} slots`);
    }
    if (fact.type !== "entry") continue;
    const { entry } = fact;
    if (endsAttempt(entry)) held.delete(taskKey(entry));
    // What is adopted while it is held has its slot.
    if (entry.type === "attempt.adopted" && entry.counted) continue;
    if (entry.type !== "attempt.started" && entry.type !== "attempt.adopted") continue;
    held.set(taskKey(entry), entry.agentId);
    const running = [...held.values()].filter((agentId) => agentId === entry.agentId).length;
    const cap = caps.get(entry.workerId)?.[entry.agentId] ?? 0;
    if (running > cap) found.push(`${running} attempts of ${entry.agentId}, cap ${cap} of ${entry.workerId}`);
  }
  return found;
}

/**
 * A process finds nothing alive of an older attempt, nor of its own, whoever held that before, nor of a task that it
 * shares a lock with.
 */
export function judgeCompany({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const locks = new Map(
    tasks.map((task) => [taskKey({ runId: task.runId, taskId: task.spec.taskId }), task.spec.locks ?? []]),
  );
  const living = new Map<number, ProcessFact>();
  for (const fact of history) {
    if (fact.type === "process.ended") living.delete(fact.process);
    if (fact.type !== "process.started") continue;
    const own = locks.get(taskKey(fact)) ?? [];
    for (const other of living.values()) {
      const isSameTask = taskKey(other) === taskKey(fact);
      if (isSameTask)
        found.push(
          `the ${fact.kind} of attempt ${fact.attempt} of ${taskKey(fact)} starts while the ${other.kind} of attempt ${other.attempt} lives`,
        );
      const shared = isSameTask ? undefined : own.find((lock) => locks.get(taskKey(other))?.includes(lock));
      if (shared !== undefined)
        found.push(`${taskKey(fact)} starts while ${taskKey(other)} lives, and both hold ${shared}`);
    }
    living.set(fact.process, fact);
  }
  return found;
}

/** Beside the last try of a task that lost too many workers nothing lives on its worker. */
export function judgeAlone({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const maxLost = new Map(
    tasks.map(({ runId, spec }) => [taskKey({ runId, taskId: spec.taskId }), spec.retry?.maxLost ?? 3]),
  );
  const losses = new Map<string, number>();
  const living = new Map<number, ProcessFact>();
  const isAlone = (one: ProcessFact): boolean => {
    const lost = losses.get(taskKey(one)) ?? 0;
    return lost > 0 && lost >= (maxLost.get(taskKey(one)) ?? 0);
  };
  for (const fact of history) {
    if (fact.type === "entry" && fact.entry.type === "task.reopened") losses.delete(taskKey(fact.entry));
    if (
      fact.type === "entry" &&
      (fact.entry.type === "attempt.lost" || fact.entry.type === "attempt.adopted") &&
      fact.entry.counted
    ) {
      losses.set(taskKey(fact.entry), (losses.get(taskKey(fact.entry)) ?? 0) + 1);
    }
    if (fact.type === "process.ended") living.delete(fact.process);
    if (fact.type !== "process.started") continue;
    for (const other of living.values()) {
      if (other.worker !== fact.worker || taskKey(other) === taskKey(fact)) continue;
      if (isAlone(fact) || isAlone(other)) found.push(`${taskKey(fact)} starts beside ${taskKey(other)}`);
    }
    living.set(fact.process, fact);
  }
  return found;
}
