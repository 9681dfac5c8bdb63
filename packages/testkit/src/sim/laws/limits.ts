/** What must stop, and how soon. */
import { longestStopMs } from "../machine.ts";
import type { Simulation } from "../simulate.ts";
import { attemptKey, taskKey } from "./facts.ts";

/** More than a slow store, a look every five seconds and a slow end take together. */
const graceMs = 30_000;

/** Whoever adopts what is overdue has this long to read what it left. */
const readingMs = 1_000;

/**
 * An agent that is adopted keeps the deadline that it had. Where the wall clock was turned nobody knows when that is.
 */
export function judgeAdoptedTimeouts({ history, tasks, world }: Simulation): readonly string[] {
  if (world.actions.some((action) => action.type === "jump")) return [];
  const found: string[] = [];
  const timeouts = new Map(
    tasks.map((task) => [taskKey({ runId: task.runId, taskId: task.spec.taskId }), task.spec.timeout]),
  );
  const startedAt = new Map<string, number>();
  const adopted = new Map<string, { readonly worker: string; readonly atMs: number }>();
  const deadWorkers = new Set<string>();
  for (const fact of history) {
    if (fact.type === "worker.ended") deadWorkers.add(fact.worker);
    if (fact.type === "entry" && fact.entry.type === "attempt.started")
      startedAt.set(`${taskKey(fact.entry)}/${fact.entry.attempt}`, fact.atMs);
    if (fact.type === "entry" && fact.entry.type === "attempt.adopted") {
      const { attempt, workerId } = fact.entry;
      adopted.set(`${taskKey(fact.entry)}/${attempt}`, { worker: workerId, atMs: fact.atMs });
    }
    if (fact.type !== "process.ended" || fact.kind !== "agent") continue;
    const holder = adopted.get(attemptKey(fact));
    const timeout = timeouts.get(taskKey(fact));
    if (holder === undefined || timeout === undefined || deadWorkers.has(holder.worker)) continue;
    const deadline = Math.max((startedAt.get(attemptKey(fact)) ?? 0) + timeout, holder.atMs + readingMs);
    // A store that is slow tells of the adoption later than it was made.
    if (fact.atMs > deadline + longestStopMs + slowMs)
      found.push(`${attemptKey(fact)} was adopted, and lived ${fact.atMs - deadline} ms past its deadline`);
  }
  return found;
}

/** A call of a slow store takes no longer. */
const slowMs = 10_000;

/**
 * While its worker lives, an agent lives no longer than its task's timeout allows, and nothing much longer than its
 * cancellation or the interruption of its worker.
 */
export function judgeTimeouts({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const timeouts = new Map(
    tasks.map((task) => [taskKey({ runId: task.runId, taskId: task.spec.taskId }), task.spec.timeout]),
  );
  const started = new Map<number, number>();
  const workerEnds = new Map<string, number>();
  const cancels = new Map<string, number>();
  const interrupts = new Map<string, number>();
  for (const fact of history) {
    if (fact.type === "worker.ended") workerEnds.set(fact.worker, fact.atMs);
    if (fact.type === "entry" && fact.entry.type === "task.cancel-requested")
      cancels.set(taskKey(fact.entry), fact.atMs);
    if (fact.type === "entry" && fact.entry.type === "task.reopened") cancels.delete(taskKey(fact.entry));
    if (fact.type === "interrupted") interrupts.set(fact.worker, fact.atMs);
    if (fact.type === "process.started") started.set(fact.process, fact.atMs);
    if (fact.type !== "process.ended" || workerEnds.has(fact.worker)) continue;
    const lived = fact.atMs - (started.get(fact.process) ?? 0);
    const timeout = fact.kind === "agent" ? timeouts.get(taskKey(fact)) : undefined;
    if (timeout !== undefined && lived > timeout + longestStopMs)
      found.push(`${attemptKey(fact)} lived ${lived} ms, its timeout is ${timeout}`);
    const askedFor = fact.atMs - (cancels.get(taskKey(fact)) ?? fact.atMs);
    const interruptedFor = fact.atMs - (interrupts.get(fact.worker) ?? fact.atMs);
    if (interruptedFor > graceMs) found.push(`${attemptKey(fact)} lived ${interruptedFor} ms after Ctrl-C`);
    if (askedFor > graceMs) found.push(`${attemptKey(fact)} lived ${askedFor} ms after it was cancelled`);
  }
  return found;
}

/**
 * While its worker lives, an agent of a task with `idleTimeout` is not without a sign of life for much longer; and one is
 * called silent only after it gave none for that long.
 */
export function judgeSilence({ history, tasks }: Simulation): readonly string[] {
  const found: string[] = [];
  const limits = new Map(
    tasks.map((task) => [taskKey({ runId: task.runId, taskId: task.spec.taskId }), task.spec.idleTimeout]),
  );
  const lastSign = new Map<number, number>();
  const busyUntil = new Map<number, number>();
  const processes = new Map<string, number>();
  const silentAtStop = new Map<number, number>();
  const deadWorkers = new Set<string>();
  const silence = (process: number, atMs: number): number =>
    atMs - Math.max(lastSign.get(process) ?? 0, Math.min(atMs, busyUntil.get(process) ?? 0));
  for (const fact of history) {
    if (fact.type === "worker.ended") deadWorkers.add(fact.worker);
    if (fact.type === "process.started" || fact.type === "agent.reported")
      lastSign.set(fact.process, fact.atMs);
    if (fact.type === "process.started" && fact.kind === "agent")
      processes.set(attemptKey(fact), fact.process);
    if (fact.type === "agent.busy") busyUntil.set(fact.process, fact.untilMs);
    if (fact.type === "agent.told-to-stop") silentAtStop.set(fact.process, silence(fact.process, fact.atMs));
    if (fact.type === "entry") {
      const { entry } = fact;
      if (entry.type !== "attempt.failed" || !entry.reason.startsWith("silent for ")) continue;
      const key = `${taskKey(entry)}/${entry.attempt}`;
      const silent = silentAtStop.get(processes.get(key) ?? 0) ?? 0;
      if (silent < (limits.get(taskKey(entry)) ?? 0))
        found.push(`${key} was called silent after ${silent} ms without a sign`);
    }
    if (fact.type !== "process.ended" || fact.kind !== "agent" || deadWorkers.has(fact.worker)) continue;
    const limit = limits.get(taskKey(fact));
    const silent = silence(fact.process, fact.atMs);
    // What it does between two looks, a quarter of its limit apart, is met by the later one.
    if (limit !== undefined && silent > limit * 1.25 + longestStopMs)
      found.push(`${attemptKey(fact)} was silent for ${silent} ms, its idle timeout is ${limit}`);
  }
  return found;
}

/**
 * After a task of a fail-fast run has failed nothing of the run starts but by who drives named tasks and may not know of
 * that one; nor does anything start after the overall timeout.
 */
export function judgeFailFast({ history, world }: Simulation): readonly string[] {
  const found: string[] = [];
  const failFast = new Set(world.runs.flatMap((run) => (run.failFast ? [run.runId] : [])));
  const late = new Set(
    world.actions.flatMap((action) =>
      action.type === "submit" ? action.tasks.map((task) => task.taskId) : [],
    ),
  );
  const failedAt = new Map<string, number>();
  const overAt = new Map<string, number>();
  const drivesNamed = new Set<string>();
  for (const fact of history) {
    if (fact.type === "drive.started" && fact.timeoutMs !== null)
      overAt.set(`${fact.worker} ${fact.runId}`, fact.atMs + fact.timeoutMs);
    if (fact.type === "drive.started" && fact.only !== null) drivesNamed.add(`${fact.worker} ${fact.runId}`);
    if (fact.type === "drive.over") drivesNamed.delete(`${fact.worker} ${fact.runId}`);
    if (fact.type !== "entry" || fact.entry.taskId === undefined || late.has(fact.entry.taskId)) continue;
    const { entry } = fact;
    if (entry.type === "task.failed" && failFast.has(entry.runId) && !failedAt.has(entry.runId))
      failedAt.set(entry.runId, fact.atMs);
    // Whoever has something tried again has seen the failure.
    if (entry.type === "task.reopened") failedAt.delete(entry.runId);
    if (entry.type !== "attempt.started") continue;
    const since = fact.atMs - (failedAt.get(entry.runId) ?? fact.atMs);
    const isNamed = drivesNamed.has(`${entry.workerId} ${entry.runId}`);
    if (since > graceMs && !isNamed)
      found.push(`${taskKey(entry)} starts ${since} ms after a task of its run failed`);
    const overdue = fact.atMs - (overAt.get(`${entry.workerId} ${entry.runId}`) ?? fact.atMs);
    if (overdue > graceMs) found.push(`${taskKey(entry)} starts ${overdue} ms after the timeout of its run`);
  }
  return found;
}
