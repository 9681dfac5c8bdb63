/** The queue of a run for one branch: what waits for it, and how far it came. */
import type { Candidate, Tip } from "mai-orchestration-agents";
import { deliveryBranchOf } from "mai-orchestration-agents";
import type { FarmTask, TargetDelivery, TaskState } from "mai-orchestration-core";
import { receiptFolder, writeReceipts } from "../receipts.ts";
import type { Deliveries } from "./deliver.ts";
import { resolverOf } from "./resolver.ts";

/** @internal */
export interface MergedInto {
  readonly resolvers: readonly FarmTask[];
  /** Tasks whose work the target, or the branch that waits for it, has by now. */
  readonly inside: readonly string[];
}

/** Somebody else may move the target meanwhile; then all of it is done again, so often. */
const mostRounds = 3;

/** Takes verified work to a branch. @internal */
export async function mergeInto(target: string, deliveries: Deliveries): Promise<MergedInto> {
  const { delivery, state } = deliveries;
  let open: TargetDelivery | null = state.targets.get(target) ?? null;
  if (open?.isOver === true) open = null;
  for (let round = 1; ; round++) {
    const head = await delivery.headOf(target);
    deliveries.signal.throwIfAborted();
    if (head === null) return { resolvers: [], inside: [] };
    const found = await oneRound(target, head, open, deliveries);
    if (found === null) return { resolvers: [], inside: await insideOf(target, head, deliveries) };
    const { tip, resolvers } = found;
    const moved = await delivery.move(target, tip.commit);
    deliveries.signal.throwIfAborted();
    if (moved.type === "overtaken" && round < mostRounds) {
      open = null;
      continue;
    }
    const branch = moved.type === "moved" ? null : deliveryBranchOf(deliveries.run.runId, target);
    const reason =
      moved.type === "left"
        ? moved.reason
        : moved.type === "overtaken"
          ? `${target} was moved again and again meanwhile`
          : null;
    await deliveries.note({ type: "delivery.finished", target, commit: tip.commit, branch, reason });
    return { resolvers, inside: await insideOf(target, tip, deliveries) };
  }
}

/** `null` when there was nothing to do. */
async function oneRound(
  target: string,
  head: Tip,
  open: TargetDelivery | null,
  deliveries: Deliveries,
): Promise<{ readonly tip: Tip; readonly resolvers: readonly FarmTask[] } | null> {
  const { delivery, note } = deliveries;
  const known = open === null ? null : await delivery.tipOf(open.commit);
  const start = known ?? head;
  const goesOn = open !== null && known !== null;
  const { inside, waiting } = await candidatesFor(target, start, goesOn ? open : null, deliveries);
  if (!goesOn) {
    if (waiting.length === 0) return null;
    const tasks = waiting.map(({ task }) => task.taskId);
    await note({ type: "delivery.started", target, commit: head.commit, tasks });
  } else if (start.commit !== open.from) await delivery.keep(target, start.commit);
  const before = goesOn ? ((await delivery.tipOf(open.from)) ?? head) : head;
  const resolvers: FarmTask[] = [];
  let batches = open?.merged.length ?? 0;
  const tip = await delivery.run(
    target,
    before,
    { tip: start, inside, waiting },
    {
      async merged({ commit, tree }, candidates, receipts) {
        const { runId, root } = deliveries.run;
        const claim = { runId, taskId: `delivery to ${target}`, attempt: ++batches };
        const found = { succeeded: true, receipts, work: null };
        // The journal has them too.
        await writeReceipts(receiptFolder(root), claim, found).catch(() => undefined);
        const tasks = candidates.map(({ task }) => task.taskId);
        await note({ type: "delivery.merged", target, commit, tree, tasks, receipts });
      },
      async failed({ task }, reason, receipts) {
        await note({ type: "delivery.failed", target, task: task.taskId, reason, receipts });
      },
      async conflicted(candidate, onto, { tree, files }) {
        const made = await resolverOf(
          { target, candidate, onto, tree, files, others: resolvers },
          deliveries,
        );
        const { taskId: task } = candidate.task;
        const resolver = made?.taskId ?? null;
        await note({ type: "delivery.conflicted", target, task, commit: onto.commit, files, resolver });
        if (made !== null) resolvers.push(made);
      },
    },
  );
  return { tip, resolvers };
}

/** What has its place in the target already, and what waits for one, dependencies first. */
async function candidatesFor(
  target: string,
  tip: Tip,
  open: TargetDelivery | null,
  deliveries: Deliveries,
): Promise<{ readonly inside: readonly Candidate[]; readonly waiting: readonly Candidate[] }> {
  const { tasks, state } = deliveries;
  const byId = new Map(tasks.map((task) => [task.spec.taskId, task]));
  const resolverOfTask = new Map<string, string>();
  for (const [resolver, origin] of state.origins)
    if (byId.has(resolver)) resolverOfTask.set(origin, resolver);
  const contains = async (task: TaskState): Promise<boolean> => isInside(task, tip, byId, deliveries);
  const isSettled = (taskId: string): boolean => {
    if (open === null) return false;
    const word = state.tasks.get(taskId);
    // Its engine died before the task that was to bring both sides together was added.
    const isHanging =
      word?.type === "delivery.conflicted" && word.resolver !== null && !byId.has(word.resolver);
    return !open.queued.includes(taskId) || (open.left.includes(taskId) && !isHanging);
  };
  const inside: Candidate[] = [];
  const waiting: Candidate[] = [];
  for (const task of inOrderOfEnd(tasks.filter((one) => isFor(target, one)))) {
    const { spec, work } = task;
    const commit = work?.commit ?? "";
    const isIn = await contains(task);
    // Somebody brings it together with the target, or tried to.
    if (!isIn && resolverOfTask.has(spec.taskId)) continue;
    const origin = originOf(spec.taskId, byId, state.origins);
    const after: string[] = [];
    for (const id of spec.dependsOn ?? []) {
      const before = byId.get(id);
      if (before?.work?.branch == null || (!isFor(target, before) && (await contains(before)))) continue;
      after.push((await contains(before)) ? id : lastOf(id, resolverOfTask));
    }
    const candidate = { task: spec, commit, after, origin };
    if (isIn) inside.push(candidate);
    else if (!isSettled(spec.taskId)) waiting.push(candidate);
  }
  return { inside, waiting: dependenciesFirst(waiting) };
}

/** The commit of the work that a task brought together with the target; `null` for any other task. */
function originOf(
  taskId: string,
  byId: ReadonlyMap<string, TaskState>,
  origins: ReadonlyMap<string, string>,
): string | null {
  let origin = origins.get(taskId);
  for (let next = origin; next !== undefined; next = origins.get(next)) origin = next;
  return origin === undefined ? null : (byId.get(origin)?.work?.commit ?? null);
}

function lastOf(id: string, resolvers: ReadonlyMap<string, string>): string {
  let last = id;
  for (let next = resolvers.get(last); next !== undefined; next = resolvers.get(next)) last = next;
  return last;
}

/** Whether a task is verified and wants to go to a branch. */
function isFor(target: string, { spec, end, work }: TaskState): boolean {
  return (
    spec.deliver === "merge" && spec.target === target && end?.verdict === "verified" && work?.branch != null
  );
}

function inOrderOfEnd(tasks: readonly TaskState[]): readonly TaskState[] {
  return [...tasks].sort((a, b) => (a.end?.at ?? 0) - (b.end?.at ?? 0) || a.sequence - b.sequence);
}

function dependenciesFirst(candidates: readonly Candidate[]): readonly Candidate[] {
  const byId = new Map(candidates.map((candidate) => [candidate.task.taskId, candidate]));
  const ordered = new Set<Candidate>();
  const add = (candidate: Candidate): void => {
    if (ordered.has(candidate)) return;
    for (const id of candidate.after) {
      const before = byId.get(id);
      if (before !== undefined && before !== candidate) add(before);
    }
    ordered.add(candidate);
  };
  for (const candidate of candidates) add(candidate);
  return [...ordered];
}

async function insideOf(target: string, tip: Tip, deliveries: Deliveries): Promise<readonly string[]> {
  const { tasks } = deliveries;
  const byId = new Map(tasks.map((task) => [task.spec.taskId, task]));
  const inside: string[] = [];
  for (const task of tasks) {
    if (isFor(target, task) && (await isInside(task, tip, byId, deliveries))) inside.push(task.spec.taskId);
  }
  return inside;
}

/** What brought two sides together is in when the work is that it was about: its own commit is nobody's history. */
async function isInside(
  { spec, work }: TaskState,
  tip: Tip,
  byId: ReadonlyMap<string, TaskState>,
  { delivery, state }: Deliveries,
): Promise<boolean> {
  const commit = originOf(spec.taskId, byId, state.origins) ?? work?.commit;
  return commit !== undefined && (await delivery.contains(tip.commit, commit));
}
