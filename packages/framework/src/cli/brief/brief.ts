/** What a session must know of the work here: read from the store, told once. */
import { type Overview, overviewOfStore, type RunOverview } from "mai-orchestration-sqlite/overview";
import { briefText, type RunStanding } from "./brief-text.ts";
import { rememberTold, toldUpTo } from "./told.ts";

/** @internal */
export interface BriefRequest {
  /** Of the store, absolute. */
  readonly path: string;
  /** The session to tell what ended since it was told last; `null`: nobody, and no ends are told. */
  readonly sessionId: string | null;
  /**
   * Whether a session that was told nothing yet has gone on for a while, so that it is told all there is; a new one is told
   * what ends from now on.
   *
   * @defaultValue false
   */
  readonly isUnderWay?: boolean;
  /** Paths are told relative to it. */
  readonly cwd: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Of its text. @defaultValue 8,000 */
  readonly maxChars?: number;
}

/** @internal */
export interface Brief {
  readonly overview: Overview;
  readonly standings: ReadonlyMap<string, RunStanding>;
  /** Empty when there is nothing to tell. */
  readonly text: string;
  /** To be called once it was told: these ends are not told to this session again. */
  remember(): void;
}

/** Claude Code spills longer context into a file. */
const maxBriefChars = 8_000;
const mostRuns = 10;
const mostTasks = 20;

/** Rejects with a `MaiError` with a `store.` code. @internal */
export async function briefOf(request: BriefRequest): Promise<Brief> {
  const { path, sessionId, isUnderWay = false, cwd, now, maxChars = maxBriefChars } = request;
  const told = sessionId === null ? null : toldUpTo(path, sessionId);
  const afterSeq = told ?? (sessionId !== null && isUnderWay ? 0 : null);
  const overview = overviewOfStore(path, { afterSeq, mostRuns, mostTasks });
  const standings = await standingsOf(overview.runs);
  return {
    overview,
    standings,
    text: briefText(overview, { standings, path, cwd, now, maxChars }),
    remember: () => {
      if (sessionId !== null && overview.seq !== told) rememberTold(path, sessionId, overview.seq);
    },
  };
}

/** Whether somebody works at the open runs. Loads what asks the system only when there is somebody to ask about. */
async function standingsOf(runs: readonly RunOverview[]): Promise<ReadonlyMap<string, RunStanding>> {
  const isDriven = runs.some(({ run, workers }) => run.finishedAt === null && workers.length > 0);
  const life = isDriven ? await import("mai-orchestration-agents/life") : null;
  return new Map(
    runs.map(({ run, workers, held }): [string, RunStanding] => {
      if (run.finishedAt !== null) return [run.runId, { state: "finished" }];
      if (run.interruptedAt !== null) return [run.runId, { state: "interrupted" }];
      const living = workers.find((worker) => life?.isWorkerDead(worker) === false);
      if (living !== undefined) return [run.runId, { state: "driven", pid: living.pid }];
      return [run.runId, { state: held.length > 0 ? "dead" : "undriven" }];
    }),
  );
}
