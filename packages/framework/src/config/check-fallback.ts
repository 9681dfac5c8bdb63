/** Chains of agents that stand in for each other: whether they can, and may do the same. */
import { nearest } from "mai-orchestration-core";
import type { ShapeProblem } from "mai-orchestration-core/plan";
import type { AgentSetting } from "./agent-setting.ts";

/**
 * Reports, of each agent: stand-ins that do not exist, that do no prose, or
 * that may do more or less than it; and agents that could never get a task.
 *
 * @param pathOf - where an agent stands in the configuration; `undefined` for a default that it does not name
 */
export function checkFallbacks(
  settings: readonly AgentSetting[],
  pathOf: (agentId: string) => readonly (string | number)[] | undefined,
  report: (problem: ShapeProblem) => void,
): void {
  const named = new Set(settings.flatMap(({ fallback }) => fallback));
  for (const setting of settings) {
    const path = pathOf(setting.agentId);
    if (path === undefined) continue;
    if (setting.capabilities.length === 0 && !named.has(setting.agentId)) {
      const message = `agent \`${setting.agentId}\` does no type of task, and stands in for nobody`;
      const hint = "Name its `capabilities`, or name it under `fallback` of another.";
      report({ path: [...path, "capabilities"], part: "value", message, hint });
    }
    for (const [index, id] of setting.fallback.entries()) {
      const problem = problemOf(setting, id, settings);
      if (problem !== null) report({ path: [...path, "fallback", index], part: "value", ...problem });
    }
  }
}

function problemOf(
  agent: AgentSetting,
  id: string,
  settings: readonly AgentSetting[],
): { message: string; hint: string } | null {
  const other = settings.find(({ agentId }) => agentId === id);
  if (other === undefined) {
    const names = settings.map(({ agentId }) => agentId);
    const meant = nearest(id, names);
    const hint = meant === undefined ? `Known are ${names.join(", ")}.` : `Did you mean \`${meant}\`?`;
    return { message: `there is no agent \`${id}\``, hint };
  }
  if (other === agent)
    return { message: `\`${id}\` cannot stand in for itself`, hint: "Name another agent." };
  if (!agent.prose || !other.prose) {
    const idle = agent.prose ? id : agent.agentId;
    const hint = "Only agents with a model have an account that can run out.";
    return { message: `\`${idle}\` does commands only, where nobody can stand in`, hint };
  }
  const differs = differenceOf(agent, other);
  if (differs === null) return null;
  const message = `\`${id}\` would stand in for \`${agent.agentId}\` with other ${differs}`;
  return { message, hint: `Give both the same \`${differs}\`: a fallback never changes what may be done.` };
}

/** The first thing in which two agents may not do the same; `null` when they may. */
function differenceOf(a: AgentSetting, b: AgentSetting): string | null {
  if (a.made !== null || b.made !== null) return null;
  if (a.permissions !== b.permissions) return "permissions";
  if (a.profile !== b.profile) return "profile";
  if (a.sandbox !== b.sandbox) return "sandbox";
  const rules = (one: readonly string[] = []): string => JSON.stringify([...one].sort());
  if (rules(a.allow) !== rules(b.allow)) return "allow";
  if (rules(a.options.deny) !== rules(b.options.deny)) return "deny";
  return rules(a.options.tools) === rules(b.options.tools) ? null : "tools";
}
