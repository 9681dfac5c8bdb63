/** `mai cancel`: cancels a run, or one task of it. */
import { overallVerdict, runResultOf, type TaskState } from "mai-orchestration-core";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { cancelReason } from "../cancel-reason.ts";
import { exitCode, jsonFlag, runFlag, storeFlag, type Verb } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { withStore } from "../store/find-store.ts";
import { findTarget, type Target } from "../store/find-target.ts";
import { plural } from "../text/text.ts";

/** How long it waits for what runs to be ended by its own process, whose grace is 5 s. */
const graceMs = 8_000;
/** How long a process that drives the run may take to close it, before it is closed here. */
const closeMs = 2_000;
const pollMs = 50;

/** @internal */
export const verb: Verb = {
  usage: "cancel [RUN|TASK]",
  args: [0, 1],
  flags: [runFlag, jsonFlag, storeFlag],
  details: `Without a name: the newest run that has not ended. What runs is ended by the process that runs it; the answer
"cancelled" comes only after its death. Cancelling twice, or what has ended, changes nothing.`,
  examples: [
    ["mai cancel", "the run that goes on"],
    ["mai cancel types", "the task `types` of it, and with it what depends on it"],
  ],
  async run(words, io) {
    return withStore(words, io, async (store) => {
      const target = await targetOf(store, words.args[0], words.value("run"));
      if (target === null)
        return say(io, words.has("json"), "Nothing to cancel: every run has ended.", {
          runId: null,
          ended: [],
          running: [],
        });
      const { run, taskIds } = target;
      if (run.finishedAt !== null) {
        return say(io, words.has("json"), `Nothing to cancel: ${run.runId} has ended (${run.verdict}).`, {
          runId: run.runId,
          ended: [],
          running: [],
        });
      }
      const { ended, asked } = await store.cancel(run.runId, cancelReason, taskIds);
      await settleDead(store, run.runId);
      const running = await waitForEnds(store, run.runId, asked, io);
      await closeRun(store, run.runId, io);
      const done = [...ended, ...asked].map((task) => task.spec.taskId).filter((id) => !running.includes(id));
      const text = textOf(run, done, running);
      return say(io, words.has("json"), text, { runId: run.runId, ended: done, running });
    });
  },
};

/** Without a name: the newest run that has not ended, if there is one. */
async function targetOf(
  store: Store,
  name: string | undefined,
  runName: string | undefined,
): Promise<Target | null> {
  if (name !== undefined || runName !== undefined) return findTarget(store, name, runName);
  const run = (await store.runs()).find((one) => one.finishedAt === null);
  return run === undefined ? null : { run };
}

/** Ends what processes left behind that are proven dead: nobody else will. */
async function settleDead(store: Store, runId: string): Promise<void> {
  if ((await store.held(runId)).length === 0) return;
  const { driverOf } = await import("../run/driver-of.ts");
  const { markOf } = await import("mai-orchestration-engine");
  const driver = await driverOf(store, runId);
  if (driver.state !== "dead") return;
  for (const { claim } of driver.held) {
    if (claim.task.phase !== "cancelling") continue;
    await driver.custody.reap(markOf(claim));
    await store.settle(claim, { type: "cancelled" });
  }
}

/** Resolves the tasks that are still not dead after the grace. */
async function waitForEnds(
  store: Store,
  runId: string,
  asked: readonly TaskState[],
  io: CommandIo,
): Promise<string[]> {
  const taskIds = asked.map((task) => task.spec.taskId);
  const until = io.now() + graceMs;
  for (;;) {
    if (taskIds.length === 0) return [];
    const open = (await store.tasks({ runId, taskIds })).filter((task) => task.phase !== "ended");
    if (open.length === 0 || io.now() > until) return open.map((task) => task.spec.taskId);
    await pause();
  }
}

/** A run whose tasks have all ended is closed by the process that drives it; without one it is closed here. */
async function closeRun(store: Store, runId: string, io: CommandIo): Promise<void> {
  const until = io.now() + closeMs;
  for (;;) {
    const counts = await store.counts(runId);
    if ((counts.phases.ended ?? 0) < counts.total) return;
    const run = await store.run(runId);
    if (run === undefined || run.finishedAt !== null) return;
    if (run.interruptedAt !== null || io.now() > until) break;
    await pause();
  }
  const results = (await store.tasks({ runId })).map(runResultOf);
  await store.note(runId, { type: "run.finished", verdict: overallVerdict(results), results });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs));
}

function textOf(run: RunRecord, done: readonly string[], running: readonly string[]): string {
  if (done.length + running.length === 0) return "Nothing to cancel: it has ended already.";
  const rest = running.length === 0 ? "" : `; still being ended: ${running.join(", ")}`;
  return `Cancelled ${plural(done.length, "task")} of ${run.runId}${rest}.`;
}

function say(io: CommandIo, json: boolean, text: string, data: object): number {
  io.stdout.write(json ? `${JSON.stringify(data)}\n` : `${text}\n`);
  return exitCode.succeeded;
}
