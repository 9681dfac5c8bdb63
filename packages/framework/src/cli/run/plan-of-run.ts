/** What `run`, `validate` and dry runs know before anything is opened: the plan, the agents, the place. */
import { dirname, resolve } from "node:path";
import type { Author } from "mai-orchestration-agents";
import { checkAgents, type Plan } from "mai-orchestration-core/plan";
import { type AgentSetting, capacityOf } from "../../config/agent-setting.ts";
import { findRoot } from "../../config/find-root.ts";
import { loadConfig } from "../../config/load-config.ts";
import { loadPlan } from "../../plan/load-plan.ts";
import { problemError } from "../../plan/problem-error.ts";
import type { CommandIo } from "../io.ts";
import { withAgentMistakes } from "./agent-mistakes.ts";

/** @internal */
export interface PlannedRun {
  readonly plan: Plan;
  /** As its reader knows it. */
  readonly source: string;
  readonly agents: readonly AgentSetting[];
  /** Absolute. */
  readonly root: string;
  /** What the configuration says; `null` when it does not. */
  readonly store: string | null;
  readonly parallel: number | null;
  /** As in the configuration. */
  readonly guardAfterMs: number | null | undefined;
  readonly author: Author | null;
  /** What was read from standard input; `null` when the plan is a file. */
  readonly stdin: Uint8Array | null;
}

/** Reads and checks everything; rejects with every mistake it finds, and changes nothing. @internal */
export async function planRun(path: string, io: CommandIo): Promise<PlannedRun> {
  const stdin = path === "-" ? await io.readStdin() : null;
  const file = path === "-" ? path : resolve(io.cwd, path);
  const loaded = await loadPlan(path, async () => stdin ?? "", io.cwd).catch(async (error) => {
    const source = path === "-" ? "<stdin>" : path;
    const place = path === "-" ? io.cwd : dirname(file);
    throw await withAgentMistakes(error, { file: stdin ?? file, source, folder: place });
  });
  const { plan, source, folder, locate } = loaded;
  const config = await loadConfig(folder, io.cwd);
  const problems = checkAgents(plan.tasks, config.agents.map(capacityOf), locate);
  if (problems.length > 0) throw problemError(problems, source);
  const root = await findRoot(folder);
  const parallel = plan.parallel ?? config.parallel;
  const { agents, store, guardAfterMs, author } = config;
  return { plan, source, agents, root, store, parallel, guardAfterMs, author, stdin };
}
