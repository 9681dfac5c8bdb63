/**
 * The laws of a journal, each a pure function from entries to the ways they
 * break it; an empty list means that the law holds. They are true of every
 * store and every simulated run, and read nothing but the journal.
 */
import { isDeepStrictEqual } from "node:util";
import type { JournalEntry, TaskState } from "mai-orchestration-core";
import { foldJournal } from "mai-orchestration-engine";
import { checkCeiling } from "./check-ceiling.ts";
import { type TaskLife, type Visit, type World, walk } from "./journal-walk.ts";

/** Slots of each agent, by its id. @public */
export type Caps = ReadonlyMap<string, number>;

/** Every law that needs nothing but the journal, and the caps of agents when they are given. @public */
export function checkJournal(journal: readonly JournalEntry[], caps: Caps = new Map()): readonly string[] {
  return [
    ...checkSequence(journal),
    ...checkAttempts(journal),
    ...checkEnds(journal),
    ...checkDependencies(journal),
    ...checkOpened(journal),
    ...checkWaits(journal),
    ...checkVerdicts(journal),
    ...checkApprovals(journal),
    ...checkLocks(journal),
    ...checkParallel(journal),
    ...checkCeiling(journal),
    ...checkCaps(journal, caps),
  ];
}

/** Numbers of entries rise. @public */
export function checkSequence(journal: readonly JournalEntry[]): readonly string[] {
  let last = 0;
  return journal.flatMap((entry) => {
    const rises = entry.seq > last;
    last = Math.max(last, entry.seq);
    return rises ? [] : [`${where(entry)} does not come after entry ${last}`];
  });
}

/**
 * Each attempt starts once, numbered from 1 without a gap, none while another runs; only the one that runs says
 * anything. One that had answered when it lost its worker is adopted, and no other takes its place.
 *
 * @public
 */
export function checkAttempts(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life) => {
    if (entry.taskId === undefined || entry.type === "task.queued") return undefined;
    if (life === undefined) return "tells of a task that was never queued";
    if (entry.type === "attempt.started") {
      if (life.held !== null) return `starts while attempt ${life.attempt} runs`;
      if (life.isUnchecked) return `starts although attempt ${life.attempt} had answered`;
      return entry.attempt === life.attempt + 1 ? undefined : `starts after attempt ${life.attempt}`;
    }
    if (entry.type === "attempt.adopted") {
      if (entry.attempt !== life.attempt)
        return `adopts attempt ${entry.attempt}, the newest is ${life.attempt}`;
      // Held: taken over from a dead worker. Not held: claimed again for its checks.
      if (entry.counted) return life.held === null ? "adopts an attempt that nobody held" : undefined;
      return life.isUnchecked ? undefined : "adopts an attempt that did not wait for its checks";
    }
    if (!saidByRunning.has(entry.type) || !("attempt" in entry)) return undefined;
    if (entry.attempt !== life.attempt)
      return `is of attempt ${entry.attempt}, the newest is ${life.attempt}`;
    return life.held === null && !followsAnswer(entry, life)
      ? "is of an attempt that no longer runs"
      : undefined;
  });
}

/** A task ends once, and nothing is journalled after but refused attempts, until a person opens it again. @public */
export function checkEnds(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life) => {
    if (life === undefined) return undefined;
    if (entry.type === "task.queued") return "queues a task that was queued before";
    if (entry.type === "task.reopened") {
      return life.end === null || life.end === "task.succeeded"
        ? "opens a task that did not fail"
        : undefined;
    }
    if (life.end === null || entry.type === "attempt.refused") return undefined;
    return `comes after ${life.end}`;
  });
}

/** No attempt starts before all dependencies of its task succeeded. @public */
export function checkDependencies(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life, world) => {
    if (entry.type !== "attempt.started" || life === undefined) return undefined;
    const open = life.dependsOn.find((id) => world.life(entry.runId, id)?.end !== "task.succeeded");
    return open === undefined ? undefined : `starts before its dependency ${open} succeeded`;
  });
}

/** No task is left waiting for dependencies that have all ended. True wherever no call is under way. @public */
export function checkOpened(journal: readonly JournalEntry[]): readonly string[] {
  const world = walk(journal, () => undefined);
  return journal.flatMap((entry) => {
    if (entry.type !== "task.queued" || entry.taskId === undefined) return [];
    const life = world.life(entry.runId, entry.taskId);
    if (life === undefined || life.opened || life.end !== null) return [];
    const ends = life.dependsOn.map((id) => world.life(entry.runId, id)?.end ?? null);
    if (ends.includes(null) && !ends.some((end) => end !== null && end !== "task.succeeded")) return [];
    return [`${where(entry)} waits for dependencies that have ended`];
  });
}

/** No attempt starts before the time that its task waits for. @public */
export function checkWaits(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life) => {
    if (entry.type !== "attempt.started" || life === undefined || entry.at >= life.notBefore)
      return undefined;
    return `starts at ${entry.at}, but waits for ${life.notBefore}`;
  });
}

/** A task succeeds only after an answer; as verified only if it has checks, each passed on that answer, and nothing makes them doubtful. @public */
export function checkVerdicts(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life) => {
    if (entry.type !== "task.succeeded" || life === undefined) return undefined;
    if (!life.answered) return "succeeds without an answer";
    if (life.failedCheck) return "succeeds although a check failed";
    if (!life.checks.every((command) => life.passed.has(command)))
      return "succeeds before every check passed";
    const verdict = life.checks.length > 0 && !life.doubtful ? "verified" : "unverified";
    return entry.verdict === verdict ? undefined : `says ${entry.verdict}, not ${verdict}`;
  });
}

/** What a person is to decide waits for that, holds nothing meanwhile, and is answered once each time. @public */
export function checkApprovals(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life) => {
    if (life === undefined) return undefined;
    switch (entry.type) {
      case "approval.requested":
        return life.approval === (entry.attempt === 0 ? "before" : "after") ? undefined : "asks for nothing";
      case "approval.given":
      case "approval.refused":
        return life.asking && entry.attempt === life.attempt ? undefined : "answers what nobody asked";
      case "task.ready":
      case "attempt.started":
        if (life.asking) return "goes on although a person is asked";
        return life.approval === "before" && !life.mayStart ? "starts without a person's yes" : undefined;
      case "task.succeeded":
        return life.approval === "after" && life.said !== "given"
          ? "succeeds without a person's yes"
          : undefined;
      default:
        return undefined;
    }
  });
}

/** Whether the end of an attempt follows from what a person has just said of it. */
function followsAnswer({ type }: JournalEntry, { said }: TaskLife): boolean {
  return type === "attempt.failed" ? said === "refused" : type === "task.succeeded" && said === "given";
}

/** Tasks that name the same lock never run at the same time. @public */
export function checkLocks(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life, world) => {
    if (!takesSlot(entry) || life === undefined || life.locks.length === 0) return undefined;
    for (const other of world.held) {
      const lock = life.locks.find((name) => other.locks.includes(name));
      if (lock !== undefined) return `starts while ${other.key} holds the lock ${lock}`;
    }
    return undefined;
  });
}

/** At no moment do more attempts of a run go on than its `parallel`. @public */
export function checkParallel(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, _life, world) => {
    if (!takesSlot(entry)) return undefined;
    const parallel = world.parallelOf(entry.runId);
    const running = heldBy(world, (life) => life.held?.runId === entry.runId);
    return parallel === null || running < parallel ? undefined : `is one more than parallel ${parallel}`;
  });
}

/** At no moment do more attempts of an agent run than it has slots. @public */
export function checkCaps(journal: readonly JournalEntry[], caps: Caps): readonly string[] {
  if (caps.size === 0) return [];
  return violations(journal, (entry, _life, world) => {
    if (!takesSlot(entry)) return undefined;
    const cap = caps.get(entry.agentId) ?? Number.POSITIVE_INFINITY;
    const running = heldBy(world, (life) => life.held?.agentId === entry.agentId);
    return running < cap ? undefined : `is one more than the ${cap} slots of ${entry.agentId}`;
  });
}

/**
 * A task whose engines died too often has its last try alone on its worker.
 * Stores and the loop keep this law together.
 *
 * @public
 */
export function checkAlone(journal: readonly JournalEntry[]): readonly string[] {
  return violations(journal, (entry, life, world) => {
    if (!takesSlot(entry) || life === undefined) return undefined;
    for (const other of world.held) {
      if (other === life || other.held?.workerId !== entry.workerId) continue;
      if (mustBeAlone(life)) return `must run alone, but starts beside ${other.key}`;
      if (mustBeAlone(other)) return `starts beside ${other.key}, which must run alone`;
    }
    return undefined;
  });
}

/** The tasks of a run are what its journal folds to. @public */
export function checkFold(
  journal: readonly JournalEntry[],
  runId: string,
  tasks: readonly TaskState[],
): readonly string[] {
  const folded = foldJournal(
    runId,
    journal.filter((entry) => entry.runId === runId),
  );
  // A fold numbers the tasks of its run from 1, a store those of all its runs.
  const rows = tasks.map((task, index) => ({ ...task, sequence: index + 1 }));
  const missing =
    rows.length === folded.size ? [] : [`${runId} has ${rows.length} tasks, its journal ${folded.size}`];
  const differing = rows.flatMap((task) => {
    const state = folded.get(task.spec.taskId);
    if (isDeepStrictEqual(plain(task), plain(state))) return [];
    return [`${runId}/${task.spec.taskId} is ${show(task)}, its journal says ${show(state)}`];
  });
  return [...missing, ...differing];
}

/** A journal without what may differ between two stores that did the same: the numbers of entries. @public */
export function canonicalJournal(
  journal: readonly JournalEntry[],
): readonly Readonly<Record<string, unknown>>[] {
  return journal.map(({ seq: _, ...entry }) => plain(entry) as Record<string, unknown>);
}

/** What only the running attempt of a task may say. */
const saidByRunning: ReadonlySet<JournalEntry["type"]> = new Set([
  "attempt.progressed",
  "attempt.answered",
  "check.passed",
  "check.failed",
  "attempt.kept",
  "attempt.failed",
  "attempt.lost",
  "task.succeeded",
]);

type Law = (entry: JournalEntry, life: TaskLife | undefined, world: World) => string | undefined;

function violations(journal: readonly JournalEntry[], law: Law): readonly string[] {
  const found: string[] = [];
  const visit: Visit = (entry, life, world) => {
    const broken = law(entry, life, world);
    if (broken !== undefined) found.push(`${where(entry)} ${broken}`);
  };
  walk(journal, visit);
  return found;
}

function heldBy(world: World, counts: (life: TaskLife) => boolean): number {
  let count = 0;
  for (const life of world.held) if (counts(life)) count++;
  return count;
}

type Start = Extract<JournalEntry, { readonly type: "attempt.started" | "attempt.adopted" }>;

/** An attempt that is adopted while it is held has its slot already. */
function takesSlot(entry: JournalEntry): entry is Start {
  return entry.type === "attempt.started" || (entry.type === "attempt.adopted" && !entry.counted);
}

function mustBeAlone(life: TaskLife): boolean {
  return life.losses > 0 && life.losses >= life.maxLost;
}

function where(entry: JournalEntry): string {
  const of = entry.taskId === undefined ? entry.runId : `${entry.runId}/${entry.taskId}`;
  return `entry ${entry.seq} (${entry.type} of ${of})`;
}

/** As JSON says it: an absent field and an undefined one are the same. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 600);
}
