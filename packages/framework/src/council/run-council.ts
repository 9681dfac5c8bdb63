/** Councils in the library: a panel decides, its decision is carried out, and results are reviewed. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { MaiError } from "mai-orchestration-core";
import { checkAgents } from "mai-orchestration-core/plan";
import { type CouncilResult, councilResultOf } from "mai-orchestration-council";
import { memoryStore, type Store, systemClock } from "mai-orchestration-engine";
import { AgentDispatcher } from "../dispatcher/agent-dispatcher.ts";
import { type Execution, resumeRun, startRun } from "../execution/execution.ts";
import { safeFileName } from "../execution/safe-file-name.ts";
import { openStore } from "../execution/state-folder.ts";
import {
  type CouncilOptions,
  type ResolvedCouncilOptions,
  type ResumeCouncilOptions,
  resolveCouncilOptions,
} from "./council-options.ts";

/** What a council came to, and the run that it was held in. @public */
export interface HeldCouncil extends CouncilResult {
  readonly runId: string;
}

/**
 * Has a panel decide on a topic, through the engine: each perspective is a task of one run. With `execute` its action
 * items are done and reviewed in the same run. A decision that is held, and work that is not approved, are part of the
 * answer: look at `synthesis.hold` and `reviews`.
 *
 * Rejects `council.invalid-option`, `agent.invalid`, `plan.no-agent`, and `run.stopped` when the run was cancelled.
 *
 * @example
 * const { synthesis, actionItems } = await runCouncil({ topic: "How are sessions stored?", roster: ["TechLead", "SecurityEngineer"] });
 *
 * @public
 */
export async function runCouncil(options: CouncilOptions): Promise<HeldCouncil> {
  const resolved = resolveCouncilOptions(options);
  const { task, root, parallel } = resolved;
  const name = task.description.slice(0, 80);
  return hold(resolved, (store, agents) => {
    const [problem] = checkAgents([task], agents);
    if (problem !== undefined)
      throw new MaiError("plan.no-agent", `The council cannot be held: ${problem.message}`, {
        hint: problem.hint ?? "Register such an agent.",
      });
    return startRun({ store, agents, name, tasks: [task], root, parallel, failFast: false, timeoutMs: null });
  });
}

/**
 * Goes on with a council whose process died or was closed, from the run that its store holds: what was said or done is
 * not asked for again. Rejects `run.not-found`, and as {@link runCouncil} does.
 *
 * @public
 */
export async function resumeCouncil(options: ResumeCouncilOptions): Promise<HeldCouncil> {
  const { runId, ...rest } = options;
  // The topic stands in the run; this one is only there to be resolved with the rest.
  const resolved = resolveCouncilOptions({ ...rest, topic: runId });
  return hold(resolved, (store, agents) => resumeRun({ store, agents, runId }));
}

type Agents = ReturnType<AgentDispatcher["agents"]>;

async function hold(
  { store: given, agents, outputDir, root }: ResolvedCouncilOptions,
  begin: (store: Store, agents: Agents) => Promise<Execution>,
): Promise<HeldCouncil> {
  const dispatcher = new AgentDispatcher();
  for (const agent of agents) dispatcher.registerAgent(agent);
  const store = storeOf(given, root);
  try {
    const execution = await begin(store, dispatcher.agents());
    await execution.finished;
    const result = await councilOfRun(store, execution.runId);
    if (outputDir !== null) await writeCouncil(result, resolve(root, outputDir));
    return { ...result, runId: execution.runId };
  } finally {
    if (typeof given !== "object") await store.close();
  }
}

function storeOf(given: string | Store | undefined, root: string): Store {
  if (typeof given === "object") return given;
  return given === undefined ? memoryStore(systemClock) : openStore(resolve(root, given), systemClock);
}

/** What the council of a run came to. Rejects `run.not-found`, and `run.stopped` for one that did not decide. @internal */
export async function councilOfRun(store: Store, runId: string): Promise<CouncilResult> {
  const tasks = await store.tasks({ runId });
  const council = tasks.find(({ spec }) => spec.council !== undefined);
  if (council === undefined)
    throw new MaiError("run.not-found", `Run ${runId} holds no council`, {
      hint: "`mai ps` lists the runs.",
    });
  const result = councilResultOf(council.spec, runId, tasks);
  if (result !== null) return result;
  const reason = council.end?.reason ?? "the run was interrupted";
  throw new MaiError("run.stopped", `The council of ${runId} did not decide: ${reason}`, {
    hint: "Resume the run, or convene the council again.",
  });
}

/** Writes result and session file into a folder, named after the decision. Resolves the session file. @internal */
export async function writeCouncil(result: CouncilResult, folder: string): Promise<string> {
  const name = safeFileName(result.session.id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const session = join(folder, `${name}.md`);
  await writeFile(session, result.transcript);
  return session;
}
