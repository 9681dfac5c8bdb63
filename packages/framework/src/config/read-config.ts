/** From the data of a configuration to its settings; every mistake is reported. */
import { type Author, acpAgentNames } from "mai-orchestration-agents";
import { isMaiError, nearest } from "mai-orchestration-core";
import {
  inOrderOfText,
  isRecord,
  type Locate,
  type PlanProblem,
  readShape,
  type ShapeProblem,
} from "mai-orchestration-core/plan";
import type { Agent } from "mai-orchestration-engine";
import { refuseBadAgent } from "../dispatcher/check-agent.ts";
import { agentOfFunction, type FunctionAgentConfig } from "../dispatcher/function-agent.ts";
import { type AgentEntry, type AgentSetting, isDefaultAgent, layOver } from "./agent-setting.ts";
import { proseBackends } from "./backends.ts";
import { checkFallbacks } from "./check-fallback.ts";
import { configShape } from "./fields.ts";

/** What a configuration says, before its paths are resolved. @internal */
interface WrittenConfig {
  readonly agents: readonly AgentSetting[];
  readonly store: string | null;
  readonly parallel: number | null;
  readonly guardAfterMs: number | null | undefined;
  readonly author: Author | null;
}

/** @internal */
export type ConfigReading =
  | { readonly ok: true; readonly config: WrittenConfig }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

const neededKeys = ["backend", "capabilities", "max_concurrent"];

/** Reads a configuration from data; an empty one is the three default agents. @internal */
export function readConfig(data: unknown, locate: Locate = () => undefined): ConfigReading {
  const problems: PlanProblem[] = [];
  const { plain, made, places } = apart(data ?? {});
  const report = ({ path: [first, index, ...rest], part, message, hint }: ShapeProblem): void => {
    // Under the number it has in the file.
    const place = first === "agents" && typeof index === "number" ? (places[index] ?? index) : index;
    const path = [first, place, ...rest].filter((step) => step !== undefined);
    problems.push({
      code: "config.invalid",
      message,
      path,
      place: locate(path, part) ?? null,
      taskId: null,
      hint,
    });
  };
  const written = readShape(configShape, plain, [], report) as
    | {
        readonly agents?: readonly AgentEntry[];
        readonly store?: string;
        readonly parallel?: number;
        readonly guard?: boolean;
        readonly guardAfter?: number;
        readonly author?: string;
      }
    | undefined;
  checkEntries(plain, made, report);
  if (written?.guard === false && written.guardAfter !== undefined) {
    const message = "`guard_after` says when a guard acts, and `guard: false` that there is none";
    report({ path: ["guard_after"], part: "key", message, hint: "Keep one of the two." });
  }
  if (problems.length === 0) checkOptions(written?.agents ?? [], report);
  const settings = layOver([...(written?.agents ?? []), ...made]);
  if (problems.length === 0) {
    const ids = (written?.agents ?? []).map(({ agentId }) => agentId);
    const pathOf = (agentId: string): (string | number)[] | undefined =>
      ids.includes(agentId) ? ["agents", ids.indexOf(agentId)] : undefined;
    checkFallbacks(settings, pathOf, report);
  }
  if (written === undefined || problems.length > 0) return { ok: false, problems: inOrderOfText(problems) };
  const { store, parallel, guard, guardAfter, author } = written;
  return {
    ok: true,
    config: {
      agents: settings,
      store: store ?? null,
      parallel: parallel ?? null,
      guardAfterMs: guard === false ? null : guardAfter,
      author: author === undefined ? null : authorOf(author),
    },
  };
}

/**
 * Agents that were made in a program stand beside entries that are data, and
 * are taken out: no shape describes a function.
 */
function apart(data: unknown): { plain: unknown; made: readonly AgentEntry[]; places: readonly number[] } {
  const entries = isRecord(data) ? data["agents"] : undefined;
  if (!isRecord(data) || !Array.isArray(entries)) return { plain: data, made: [], places: [] };
  const agents = entries.map(agentIn);
  const made = agents.flatMap((agent) => (agent === null ? [] : [{ agentId: agent.agentId, made: agent }]));
  const places = [...entries.keys()].filter((place) => agents[place] === null);
  return { plain: { ...data, agents: places.map((place) => entries[place]) }, made, places };
}

/** What `functionAgent` or an adapter made; `null` for what is data. */
function agentIn(entry: unknown): Agent | null {
  if (!isRecord(entry) || typeof entry["run"] !== "function") return null;
  if (typeof entry["agentId"] !== "string") {
    const config = entry as unknown as FunctionAgentConfig;
    refuseBadAgent(config);
    return agentOfFunction(config);
  }
  const agent = entry as unknown as Agent;
  const { agentId: id, capabilities, maxConcurrent, run } = agent;
  refuseBadAgent({ id, name: id, capabilities: [...capabilities], maxConcurrent, currentLoad: 0, run });
  return agent;
}

function authorOf(text: string): Author {
  const at = text.lastIndexOf(" <");
  return { name: text.slice(0, at).trim(), email: text.slice(at + 2, -1) };
}

function checkEntries(
  data: unknown,
  made: readonly AgentEntry[],
  report: (problem: ShapeProblem) => void,
): void {
  const entries = isRecord(data) ? data["agents"] : undefined;
  if (!Array.isArray(entries)) return;
  const ids = new Set<string>();
  for (const { agentId } of made) {
    const message = `the agent \`${agentId}\` is described twice`;
    if (ids.has(agentId)) report({ path: ["agents"], part: "value", message, hint: "Keep one of the two." });
    ids.add(agentId);
  }
  for (const [index, entry] of entries.entries()) {
    if (!isRecord(entry) || typeof entry["id"] !== "string") continue;
    const path = ["agents", index];
    const agentId = entry["id"];
    if (ids.has(agentId)) {
      const message = `the agent \`${agentId}\` is described twice`;
      report({ path: [...path, "id"], part: "value", message, hint: "Keep one of the two." });
    }
    ids.add(agentId);
    checkEntry(entry, agentId, path, report);
  }
}

/** What shapes cannot say, each adapter does. */
function checkOptions(entries: readonly AgentEntry[], report: (problem: ShapeProblem) => void): void {
  for (const [
    index,
    { agentId, backend, capabilities, maxConcurrent, sandbox, fallback, ...options },
  ] of entries.entries()) {
    if (backend === undefined || backend === "command") continue;
    try {
      proseBackends[backend].make(options);
    } catch (error) {
      if (!isMaiError(error)) throw error;
      report({ path: ["agents", index], part: "value", message: error.message, hint: error.hint ?? null });
    }
  }
}

function checkEntry(
  entry: Readonly<Record<string, unknown>>,
  agentId: string,
  path: readonly (string | number)[],
  report: (problem: ShapeProblem) => void,
): void {
  const missing = isDefaultAgent(agentId) ? [] : neededKeys.filter((key) => entry[key] === undefined);
  if (missing.length > 0) {
    const meant = nearest(agentId, ["general-purpose", "bash", "explore"]);
    const hint =
      meant === undefined
        ? "An agent that is no default needs these."
        : `Did you mean the default agent \`${meant}\`?`;
    const message = `agent \`${agentId}\` lacks ${missing.map((key) => `\`${key}\``).join(", ")}`;
    report({ path, part: "value", message, hint });
  }
  checkMaking(entry, path, report);
}

const problemsOfMaking = { acp: ["agent", "command"], model: ["model"] } as const;

/** What a backend needs to be told, and what its adapter would refuse. */
function checkMaking(
  entry: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
  report: (problem: ShapeProblem) => void,
): void {
  const backend = entry["backend"];
  if (backend !== "acp" && backend !== "model") return;
  const wanted = problemsOfMaking[backend];
  const given = wanted.filter((key) => entry[key] !== undefined);
  if (given.length === 1) return;
  const names = wanted.map((key) => `\`${key}\``).join(" or ");
  const message = `the backend \`${backend}\` needs ${names}${given.length > 1 ? ", not both" : ""}`;
  const hint =
    backend === "acp"
      ? `Known by name: ${acpAgentNames.join(", ")}.`
      : "Write `model: provider/name`, such as `anthropic/claude-sonnet-4-5`.";
  report({ path, part: "value", message, hint });
}
