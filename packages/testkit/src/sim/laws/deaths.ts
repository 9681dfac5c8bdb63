/** Who is really dead when somebody says so. */
import type { ProcessFact } from "../history.ts";
import type { Simulation } from "../simulate.ts";
import { attemptKey, endsAttempt, taskKey } from "./facts.ts";

/** An attempt is over in the journal only when no process of it lives; and nobody ends what a living worker holds. */
export function judgeDeaths({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const living = new Map<number, ProcessFact>();
  const deadWorkers = new Set<string>();
  const workerOf = new Map<string, string>();
  const newest = new Map<string, number>();
  for (const fact of history) {
    if (fact.type === "process.started") living.set(fact.process, fact);
    if (fact.type === "process.ended") living.delete(fact.process);
    if (fact.type === "worker.ended") deadWorkers.add(fact.worker);
    if (fact.type === "reaped") {
      const owner = workerOf.get(fact.mark);
      if (owner === undefined || !(deadWorkers.has(owner) || owner === fact.worker))
        found.push(`${fact.mark} is reaped, but ${owner} lives`);
    }
    if (fact.type !== "entry") continue;
    const { entry } = fact;
    if (entry.type === "attempt.started") {
      newest.set(taskKey(entry), entry.attempt);
      workerOf.set(`${taskKey(entry)}/${entry.attempt}`, entry.workerId);
    }
    if (entry.type === "attempt.adopted") workerOf.set(`${taskKey(entry)}/${entry.attempt}`, entry.workerId);
    if (!endsAttempt(entry)) continue;
    const attempt = newest.get(taskKey(entry));
    const alive = [...living.values()].find(
      (one) => taskKey(one) === taskKey(entry) && one.attempt === attempt,
    );
    if (alive !== undefined)
      found.push(`${entry.type} of ${attemptKey(alive)} while its ${alive.kind} lives`);
  }
  for (const left of living.values()) found.push(`the ${left.kind} of ${attemptKey(left)} is left alive`);
  return found;
}

/** An attempt is given to an agent at most once, and only while the journal says that it runs. */
export function judgeRepeats({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const running = new Map<string, { readonly attempt: number; readonly worker: string }>();
  const seen = new Set<string>();
  for (const fact of history) {
    if (fact.type === "entry") {
      const { entry } = fact;
      if (entry.type === "attempt.started" || entry.type === "attempt.adopted")
        running.set(taskKey(entry), { attempt: entry.attempt, worker: entry.workerId });
      else if (endsAttempt(entry)) running.delete(taskKey(entry));
    }
    if (fact.type !== "process.started") continue;
    const current = running.get(taskKey(fact));
    if (current?.attempt !== fact.attempt || current.worker !== fact.worker)
      found.push(`the ${fact.kind} of ${attemptKey(fact)} starts on ${fact.worker}, but not by the journal`);
    if (fact.kind !== "agent") continue;
    if (seen.has(attemptKey(fact))) found.push(`${attemptKey(fact)} runs twice`);
    seen.add(attemptKey(fact));
  }
  return found;
}

/** When a drive is over nothing of it runs here; when it says `ended`, all its tasks have. */
export function judgeDrives({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const living = new Map<number, ProcessFact>();
  const ends = new Map<string, boolean>();
  /** Who goes on with an attempt; not who has only taken it over, and may not even know that it has. */
  const holders = new Map<string, string>();
  /** Opened again by somebody while a drive may have been about to say that it is over. */
  const reopened = new Set<string>();
  for (const fact of history) {
    if (fact.type === "entry" && fact.entry.type === "task.reopened") {
      ends.set(taskKey(fact.entry), false);
      reopened.add(taskKey(fact.entry));
    }
    if (fact.type === "told.started") holders.set(attemptKey(fact), fact.worker);
    if (fact.type === "process.started") living.set(fact.process, fact);
    if (fact.type === "process.ended") living.delete(fact.process);
    if (fact.type === "entry" && fact.entry.taskId !== undefined) {
      const { type } = fact.entry;
      if (type === "task.queued") ends.set(taskKey(fact.entry), false);
      if (isEnd.has(type)) ends.set(taskKey(fact.entry), true);
    }
    if (fact.type !== "drive.over") continue;
    const { worker, runId, only } = fact;
    const wanted = (one: { readonly runId: string; readonly taskId: string }): boolean =>
      one.runId === runId && (only === null || only.includes(one.taskId));
    for (const one of living.values()) {
      if ((holders.get(attemptKey(one)) ?? one.worker) === worker && wanted(one))
        found.push(`the drive of ${runId} on ${worker} is ${fact.end} while ${attemptKey(one)} lives`);
    }
    if (fact.end !== "ended") continue;
    for (const [key, hasEnded] of ends) {
      const [run = "", taskId = ""] = key.split("/");
      if (!hasEnded && !reopened.has(key) && wanted({ runId: run, taskId }))
        found.push(`a drive says ended, but ${key} has not`);
    }
  }
  return found;
}

const isEnd: ReadonlySet<string> = new Set([
  "task.succeeded",
  "task.failed",
  "task.blocked",
  "task.cancelled",
]);
