/** One execution of a plan's tasks, from a durable start to a verdict that is journalled. */
import { availableParallelism } from "node:os";
import {
  type Author,
  createCustody,
  createRunCheck,
  createVitals,
  type Git,
  readyToDeliver,
} from "mai-orchestration-agents";
import {
  type FarmTask,
  MaiError,
  overallVerdict,
  type RunResult,
  runResultOf,
  type Verdict,
} from "mai-orchestration-core";
import {
  type Agent,
  type DriveEnd,
  type DriveHandle,
  Engine,
  type NewRun,
  type RunRecord,
  type Store,
  systemClock,
} from "mai-orchestration-engine";
import { type Sittings, sittingsOf } from "../council/sittings.ts";
import { deliver, deliveryMarkOf } from "./delivery/deliver.ts";
import { hasCeiling, interruptExhausted } from "./exhaustion.ts";
import { type FinalCheck, finalMarkOf, repeatChecks } from "./final-checks.ts";
import { leftOf } from "./left.ts";
import { receiptFolder } from "./receipts.ts";
import { newRunId } from "./run-id.ts";
import { type RunWorkspaces, runWorkspaces } from "./run-workspaces.ts";
import { hideSecretsOfRun, ownSecrets } from "./secrets.ts";
import { logFolder, workplaceOnDisk } from "./workplace.ts";

/** How an execution came to its end. @public */
export type RunEnd =
  | { readonly type: "finished"; readonly verdict: Verdict; readonly results: readonly RunResult[] }
  /** This process was told to stop; the run goes on with `resumeRun`. */
  | { readonly type: "interrupted" }
  /** Its ceiling leaves no room for another attempt; the run goes on with `resumeRun` and a higher one. */
  | { readonly type: "exhausted"; readonly reason: string; readonly resume: string };

const defaultAuthor: Author = { name: "mai", email: "mai@localhost" };

/** A run under way in this process. @public */
export interface Execution {
  readonly runId: string;
  /** Resolves when the end is in the journal. Rejects when the store cannot do its work. */
  readonly finished: Promise<RunEnd>;
  /** Ends what runs here, uncounted; `finished` resolves once all of it is dead. Safe to call twice. */
  interrupt(reason: string): Promise<void>;
}

/** The tasks of a run, who does them, and within which limits. @public */
export interface StartRunInput {
  readonly store: Store;
  readonly agents: readonly Agent[];
  readonly name: string | null;
  readonly tasks: readonly FarmTask[];
  /** Absolute. */
  readonly root: string;
  /** Attempts that may run at once, over all engines; `null`: as many as the agents allow. */
  readonly parallel: number | null;
  readonly failFast: boolean;
  /** Milliseconds for the whole run; `null` for no limit. */
  readonly timeoutMs: number | null;
  /** What this machine has, for tasks that require it. @defaultValue nothing */
  readonly tags?: readonly string[];
  /**
   * US dollars that the run may cost: no attempt starts that could pass it, by the dearest one so far. What agents do
   * not say is not counted. @defaultValue no ceiling
   */
  readonly maxCostUsd?: number | null;
  /**
   * Milliseconds after this process's death that others have to take the run over before a guard ends what it left
   * running; `null` for no guard. Linux only.
   *
   * @defaultValue 60_000
   */
  readonly guardAfterMs?: number | null | undefined;
  /** Of the run; one that the store knows already must have equal tasks, and is gone on with. @defaultValue a new one */
  readonly runId?: string;
  /** How a person goes on with the run, for its journal. @defaultValue `mai resume RUN` */
  readonly resumeHint?: (runId: string) => string;
  /** Who is named in commits of the engine. @defaultValue mai <mai@localhost> */
  readonly author?: Author;
  /** Runs git. @defaultValue the git of this machine */
  readonly git?: Git;
}

/** Starts a run. Resolves once all its tasks are durable; rejects before anything is written for tasks that do not fit together. @public */
export async function startRun(input: StartRunInput): Promise<Execution> {
  const { store, name, root, parallel, failFast, timeoutMs, maxCostUsd = null } = input;
  if (input.tasks.length === 0) {
    throw new MaiError("plan.invalid", "A run of no tasks is no success", {
      hint: "Add a task to the plan.",
    });
  }
  const runId = input.runId ?? newRunId(systemClock.now());
  const places = placesOf(input);
  let tasks = input.tasks;
  try {
    await places.workspaces.open(root, runId, tasks);
    tasks = await readyToDeliver({ git: places.git, root, tasks });
  } catch (error) {
    await places.close();
    throw error;
  }
  const ceiling = maxCostUsd === null ? {} : { maxCostUsd };
  // Where attempts work on other machines, what they left is not here to be checked once more.
  const sharedChecks = store.leaseMs === undefined;
  const run = { runId, name, root, parallel, failFast, timeoutMs, sharedChecks, ...ceiling };
  await store.submit(run, tasks);
  return execute(input, run, tasks, places);
}

/** The run to go on with, where it is kept, and who does what is left of it. @public */
export interface ResumeRunInput
  extends Pick<
    StartRunInput,
    "store" | "agents" | "tags" | "guardAfterMs" | "resumeHint" | "author" | "git"
  > {
  readonly runId: string;
  /** A new ceiling in US dollars. @defaultValue the run's own */
  readonly maxCostUsd?: number | null;
  /** Whether a finished run repeats the checks of its end, and reports anew. @defaultValue false */
  readonly repeats?: boolean;
}

/**
 * Goes on with a run after whatever ended its process: what has ended is not
 * run again, what had answered repeats its checks, and what still runs is gone
 * on with. The journal says so before anything starts. Rejects
 * `run.not-found`. A finished run finishes at once.
 *
 * @public
 */
export async function resumeRun(input: ResumeRunInput): Promise<Execution> {
  const { store, runId } = input;
  const run = await store.run(runId);
  if (run === undefined) {
    throw new MaiError("run.not-found", `There is no run ${runId}`, { hint: "`mai ps` lists the runs." });
  }
  const { total, phases } = await store.counts(runId);
  const reused = phases.ended ?? 0;
  const open = total - reused;
  if (run.finishedAt !== null && open === 0 && input.repeats !== true) return alreadyFinished(store, run);
  // Attempts that were left are found by their claims; the repeated checks of an engine that died have none.
  const custody = createCustody();
  await custody.reap(finalMarkOf(runId));
  await custody.reap(deliveryMarkOf(runId));
  const tasks = await store.tasks({ runId });
  const ready = tasks.filter((task) => task.phase === "ready");
  const left = leftOf({ reused, open }, ready, await store.held(runId), custody);
  await store.note(runId, {
    type: "run.resumed",
    ...left,
    ...(typeof input.maxCostUsd === "number" && { maxCostUsd: input.maxCostUsd }),
  });
  const places = placesOf(input);
  await places.sweep(store, runId, run.root);
  await hideSecretsOfRun(run.root, runId, ownSecrets(tasks.map((task) => task.spec)));
  return execute(
    input,
    run,
    tasks.map((task) => task.spec),
    places,
  );
}

function placesOf({ author, git }: Pick<StartRunInput, "author" | "git">): RunWorkspaces {
  const given = { ...(author === undefined ? {} : { author }), ...(git === undefined ? {} : { git }) };
  return runWorkspaces({ runCheck: createRunCheck(), ...given });
}

function execute(
  input: ResumeRunInput | StartRunInput,
  run: NewRun,
  tasks: readonly FarmTask[],
  places: RunWorkspaces,
): Execution {
  const { store, agents, tags = [], guardAfterMs } = input;
  const { resumeHint = (runId: string) => `mai resume ${runId}` } = input;
  const { runId, root, failFast, timeoutMs } = run;
  const runCheck = createRunCheck();
  const councils = tasks.filter((task) => task.council !== undefined);
  const sittings = sittingsOf(store, run, agents, councils);
  const custody = createCustody({ guardAfterMs });
  const unguard = custody.guardRun(runId);
  const engine = new Engine({
    store,
    clock: systemClock,
    roster: sittings.roster,
    custody,
    workplace: workplaceOnDisk({
      logsOf: logFolder,
      receiptsOf: receiptFolder,
      workspaces: places.workspaces,
    }),
    runCheck,
    checkSlots: availableParallelism(),
    tags,
    vitals: createVitals(),
    secrets: ownSecrets(),
    observer: {
      ended: (task) => {
        places.ended(root, task);
        sittings.ended(task);
      },
    },
  });
  const startedAt = systemClock.now();
  const driven = { runId, root, failFast, hasCeiling: hasCeiling(input, run) };
  const drive = engine.drive({ ...driven, ...(timeoutMs === null ? {} : { timeoutMs }) });
  sittings.start(engine, drive);
  const stop = new AbortController();
  let interruption: string | null = null;
  const ended = async (): Promise<RunEnd | null> => {
    const { signal } = stop;
    const author = input.author ?? defaultAuthor;
    let next = drive;
    for (;;) {
      const how = await drivenBy(next, sittings, engine);
      if (how !== "ended") return interruptExhausted(store, next.exhausted, resumeHint(runId));
      const checks = await repeatChecks({ store, runId, root, runCheck, signal });
      await places.sweep(store, runId, root);
      if (signal.aborted) return null;
      const { resolvers, left } = await deliver({ store, run, git: places.git, runCheck, author, signal });
      if (signal.aborted) return null;
      if (resolvers.length === 0) return finish(store, runId, checks, left);
      await store.submit(run, resolvers);
      const leftMs = timeoutMs === null ? null : Math.max(1, timeoutMs - (systemClock.now() - startedAt));
      next = engine.drive({ ...driven, ...(leftMs === null ? {} : { timeoutMs: leftMs }) });
    }
  };
  const end = async (): Promise<RunEnd> => {
    const over = await ended().catch((error: unknown) => {
      if (stop.signal.aborted && stop.signal.reason === error) return null;
      throw error;
    });
    if (over !== null) return over;
    const reason = interruption ?? "its engine was stopped";
    await store.note(runId, { type: "run.interrupted", reason, resume: resumeHint(runId) });
    return { type: "interrupted" };
  };
  const finishing = async (): Promise<RunEnd> => {
    try {
      return await end();
    } finally {
      unguard();
      await places.close();
    }
  };
  const finished = finishing();
  return {
    runId,
    finished,
    async interrupt(reason) {
      interruption ??= reason;
      stop.abort();
      await engine.interrupt(reason);
      await finished.catch(() => undefined);
    },
  };
}

/** The end of the drive; a council that cannot go on ends it too, once what runs is dead. */
async function drivenBy(drive: DriveHandle, sittings: Sittings, engine: Engine): Promise<DriveEnd> {
  try {
    return await Promise.race([drive.done, sittings.failed]);
  } catch (error) {
    await engine.interrupt("its council could not go on");
    throw error;
  } finally {
    await sittings.stop();
  }
}

/** Says in the journal how the run ended: the verdict is that of its worst task. */
async function finish(
  store: Store,
  runId: string,
  checks: readonly FinalCheck[],
  left: ReadonlyMap<string, string>,
): Promise<RunEnd> {
  const broken = new Map(
    checks.filter((check) => !check.passed).map((check) => [check.taskId, check.reason]),
  );
  const results = (await store.tasks({ runId })).map((task): RunResult => {
    const result = runResultOf(task);
    const reason = broken.get(result.taskId) ?? left.get(result.taskId);
    return reason === undefined ? result : { ...result, status: "failure", verdict: "failed", reason };
  });
  const verdict = overallVerdict(results);
  await store.note(runId, { type: "run.finished", verdict, results });
  return { type: "finished", verdict, results };
}

async function alreadyFinished(store: Store, run: RunRecord): Promise<Execution> {
  const results = (await store.tasks({ runId: run.runId })).map(runResultOf);
  const finished: RunEnd = { type: "finished", verdict: run.verdict ?? overallVerdict(results), results };
  return { runId: run.runId, finished: Promise.resolve(finished), interrupt: async () => undefined };
}
