/** Tasks that no agent can do, in a plan that has other mistakes too: so that one look names all. */
import { readFile } from "node:fs/promises";
import { type FarmTask, isMaiError, type TaskType, taskTypes } from "mai-orchestration-core";
import { checkAgents, type PlanProblem } from "mai-orchestration-core/plan";
import { capacityOf } from "../../config/agent-setting.ts";
import { loadConfig } from "../../config/load-config.ts";
import { readDocument } from "../../plan/document.ts";
import { problemError } from "../../plan/problem-error.ts";

/**
 * The error of a plan with what agents cannot do added, in the order of the
 * text; the error as it is when the plan cannot be read far enough.
 *
 * @internal
 */
export async function withAgentMistakes(
  error: unknown,
  plan: { readonly file: string | Uint8Array; readonly source: string; readonly folder: string },
): Promise<unknown> {
  if (!isMaiError(error) || !Array.isArray(error.cause)) return error;
  const found = await agentMistakes(plan.file, plan.folder).catch(() => []);
  if (found.length === 0) return error;
  const all = [...(error.cause as PlanProblem[]), ...found];
  const line = ({ place }: PlanProblem): number => place?.line ?? 0;
  const column = ({ place }: PlanProblem): number => place?.column ?? 0;
  return problemError(
    all.sort((a, b) => line(a) - line(b) || column(a) - column(b)),
    plan.source,
  );
}

async function agentMistakes(file: string | Uint8Array, folder: string): Promise<PlanProblem[]> {
  const text = new TextDecoder().decode(typeof file === "string" ? await readFile(file) : file);
  const document = readDocument(text);
  if (!document.ok) return [];
  const { tasks: written, defaults } = fieldsOf(document.data);
  if (!Array.isArray(written)) return [];
  const agents = (await loadConfig(folder)).agents.map(capacityOf);
  const tasks = written.map((task) => readable({ ...fieldsOf(defaults), ...fieldsOf(task) }));
  // Of a task whose type is wrong only that its agent is unknown can be said.
  const isSure = (index: number): boolean => {
    const task = tasks[index];
    if (task === undefined) return false;
    return task.isWhole || (task.agent !== null && !agents.some((agent) => agent.agentId === task.agent));
  };
  return checkAgents(
    tasks.map((task) => task.spec),
    agents,
    document.locate,
  ).filter(({ path }) => isSure(Number(path[1])));
}

interface Readable {
  /** What decides who can do it. */
  readonly spec: FarmTask;
  readonly agent: string | null;
  readonly isWhole: boolean;
}

function readable({ id, type, agent, command }: Readonly<Record<string, unknown>>): Readable {
  const isText = (value: unknown): value is string | undefined =>
    value === undefined || typeof value === "string";
  const isType = taskTypes.includes(type as TaskType);
  const spec: FarmTask = {
    taskId: typeof id === "string" ? id : "?",
    type: isType ? (type as TaskType) : "test",
    description: "",
    context: [],
    constraints: [],
    successCriteria: "",
    ...(typeof agent === "string" ? { agent } : {}),
    ...(typeof command === "string" ? { command } : {}),
  };
  return {
    spec,
    agent: typeof agent === "string" ? agent : null,
    isWhole: isType && typeof id === "string" && isText(agent) && isText(command),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
