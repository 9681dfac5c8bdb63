/** Looks at an agent before it is registered: the library's callers may not have a type checker. */
import { MaiError, type TaskType, taskTypes } from "mai-orchestration-core";
import type { AgentConfig } from "mai-orchestration-core/seed";
import { isKey } from "../orchestrator/texts.ts";

/** Throws `agent.invalid` for an agent that could never do a task. */
export function refuseBadAgent(config: AgentConfig & { backend?: unknown; run?: unknown }): void {
  const id = JSON.stringify(config?.id);
  const wrong = (what: string, hint: string): MaiError =>
    new MaiError("agent.invalid", `Agent ${id} ${what}`, { hint });
  if (!isKey(config?.id)) throw wrong("needs an id", "Give it a text without NUL or half characters as id.");
  const { maxConcurrent, capabilities, backend, run } = config;
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1) {
    throw wrong(`has maxConcurrent ${maxConcurrent}`, "Give it a whole number from 1.");
  }
  const known = taskTypes.join(", ");
  if (!Array.isArray(capabilities) || capabilities.length === 0) {
    throw wrong("can do no type of task", `Name some of: ${known}.`);
  }
  const unknown = capabilities.find((type: TaskType) => !taskTypes.includes(type));
  if (unknown !== undefined)
    throw wrong(`has the capability ${JSON.stringify(unknown)}`, `Known ones: ${known}.`);
  if (run !== undefined && typeof run !== "function")
    throw wrong("has a `run` that is no function", "Use functionAgent().");
  if (run === undefined && backend === "function")
    throw wrong("is a function without `run`", "Use functionAgent().");
  if (backend !== undefined && backend !== "function") {
    throw wrong(`has the backend ${JSON.stringify(backend)}`, 'Leave it out, or give "function" and `run`.');
  }
}
