/** Having a panel review results that are there already. */

import { type FarmResult, type FarmTask, MaiError, seatsOf, type TaskState } from "mai-orchestration-core";
import {
  type AgentPerspective,
  hearingAgent,
  type ReviewDecision,
  readPanelAnswer,
  reviewDecisionOf,
  reviewTasks,
} from "mai-orchestration-council";
import { memoryStore, type Store, systemClock } from "mai-orchestration-engine";
import { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { startRun } from "../execution/execution.ts";
import { openStore } from "../execution/state-folder.ts";
import { type CouncilOptions, resolveCouncilOptions } from "./council-options.ts";

/** What {@link reviewResults} takes beside the panel and its place. @public */
export interface ReviewOptions
  extends Pick<CouncilOptions, "roster" | "agents" | "agent" | "store" | "root" | "parallel" | "timeout"> {
  readonly results: readonly FarmResult[];
  /** What was to be done; results of other tasks are shown by their output alone. */
  readonly tasks?: readonly FarmTask[];
  /** The decision that was carried out. @defaultValue that of each task, else `review` */
  readonly decision?: string;
}

/** What the panel says of one result. @public */
export interface ResultReview extends ReviewDecision {
  readonly taskId: string;
}

/**
 * Has a panel review results with their receipts, and resolves approve, block or defer for each, in their order. What
 * is no success is blocked without asking anybody. Rejects `council.invalid-option`.
 *
 * @public
 */
export async function reviewResults(options: ReviewOptions): Promise<ResultReview[]> {
  const { results, tasks = [], decision, ...panel } = options;
  if (!Array.isArray(results) || results.length === 0)
    throw new MaiError("council.invalid-option", "results are no list with something in it", {
      hint: "Give what executeBatch resolved as `results`.",
    });
  const resolved = resolveCouncilOptions({ ...panel, topic: "Review of results" });
  const asked = results
    .filter(({ status }) => status === "success")
    .flatMap((result) => {
      const task = tasks.find(({ taskId }) => taskId === result.taskId);
      const { taskId, verdict = null, receipts = [], output } = result;
      const description = task?.description ?? `Task ${taskId}`;
      const id = decision ?? task?.decision ?? result.decision ?? "review";
      return reviewTasks(resolved.task, id, { taskId, description, verdict, receipts, output });
    });
  const states = asked.length === 0 ? [] : await ask(resolved, asked);
  return results.map((result) => reviewOf(result, resolved.task, states));
}

async function ask(
  { store: given, agents, root, parallel }: ReturnType<typeof resolveCouncilOptions>,
  tasks: readonly FarmTask[],
): Promise<readonly TaskState[]> {
  const dispatcher = new AgentDispatcher();
  for (const agent of agents) dispatcher.registerAgent(agent);
  const store: Store =
    typeof given === "object"
      ? given
      : given === undefined
        ? memoryStore(systemClock)
        : openStore(given, systemClock);
  try {
    const hearing = dispatcher.agents().map((agent) => hearingAgent(agent, () => true));
    const limits = { root, parallel, failFast: false, timeoutMs: null };
    const run = await startRun({ store, agents: hearing, name: "review", tasks, ...limits });
    await run.finished;
    return await store.tasks({ runId: run.runId });
  } finally {
    if (typeof given !== "object") await store.close();
  }
}

function reviewOf(result: FarmResult, council: FarmTask, states: readonly TaskState[]): ResultReview {
  const { taskId, status, reason } = result;
  if (status !== "success")
    return { taskId, verdict: "block", reasons: [`The engine: ${reason ?? result.output.slice(0, 300)}`] };
  const own = states.filter(({ spec }) => spec.taskId.startsWith(`${taskId}/review/`));
  const said = own.flatMap((state): AgentPerspective[] => {
    const reading = readPanelAnswer(state.answer?.output ?? "");
    if (state.end?.verdict !== "unverified" || !reading.ok) return [];
    const name = state.spec.taskId.slice(`${taskId}/review/`.length);
    const agent = { ...nobody, name, role: name };
    return [{ agent, round: 1, ...reading.answer, timestamp: new Date(state.end.at).toISOString() }];
  });
  return { taskId, ...reviewDecisionOf(said, seatsOf(council).length) };
}

const nobody = {
  expertise: [],
  personality: [],
  triggers: [],
  vetoPower: false,
  vetoCriteria: [],
  content: "",
} as const;
