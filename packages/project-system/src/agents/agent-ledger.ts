/**
 * Keeps the agents that a session started while its calls, their answers and
 * Claude Code's notices go by. An agent runs until one of them tells its end.
 */
import { cut, oneLine } from "../text.ts";
import type { ToolCall } from "../transcript/transcript.ts";
import { type TaskNotice, type ToolAnswer, tagIn } from "../transcript/transcript-line.ts";
import { idAt, textAt, type Values, valuesAt } from "../transcript/values.ts";
import type { SpawnedAgent } from "./spawned-agent.ts";

/** @internal */
export interface AgentLedger {
  call(call: ToolCall): void;
  answer(call: ToolCall, answer: ToolAnswer, timestamp: string | undefined): void;
  notice(notice: TaskNotice, timestamp: string | undefined): void;
  agents(): readonly SpawnedAgent[];
}

const maxAgents = 2_000;
const maxTaskChars = 50;
const startingTools: ReadonlySet<string> = new Set(["Agent", "Task"]);
const askingTools: ReadonlySet<string> = new Set(["TaskOutput", "AgentOutputTool"]);
const stoppingTools: ReadonlySet<string> = new Set(["TaskStop", "KillShell"]);

/** @internal */
export function agentLedger(): AgentLedger {
  /** By the id of the use of the tool, or by slug where there is none. Oldest first. */
  const byKey = new Map<string, SpawnedAgent>();
  const keyOfAgent = new Map<string, string>();

  const change = (key: string | undefined, changed: (agent: SpawnedAgent) => SpawnedAgent): void => {
    const agent = key === undefined ? undefined : byKey.get(key);
    if (key !== undefined && agent !== undefined) byKey.set(key, changed(agent));
  };
  const keyOf = (id: string | undefined): string | undefined =>
    id === undefined ? undefined : byKey.has(id) ? id : keyOfAgent.get(id);
  const start = (call: ToolCall): void => {
    const key = call.id ?? freeSlug(byKey, call.params);
    byKey.set(key, newAgent(key, call));
    if (byKey.size > maxAgents) forgetOldest(byKey, keyOfAgent);
  };
  const started = (answer: ToolAnswer, timestamp: string | undefined): void => {
    const id = agentIdOf(answer);
    const earlier = id === undefined ? undefined : keyOfAgent.get(id);
    // An agent that is resumed answers to a second call: it is still one agent.
    if (earlier !== undefined && earlier !== answer.callId) byKey.delete(earlier);
    if (id !== undefined && byKey.has(answer.callId)) keyOfAgent.set(id, answer.callId);
    const outputFile = textAt(answer.detail, "outputFile");
    change(answer.callId, (agent) => ({
      ...ended(agent, statusOfStart(answer), timestamp),
      id: id ?? agent.id,
      ...(outputFile !== undefined && { outputFile: cut(outputFile, 1_000) }),
    }));
  };

  return {
    call(call) {
      if (startingTools.has(call.tool)) start(call);
      // The simple format has no answers: to ask for an output is to have it.
      if (call.id === undefined && askingTools.has(call.tool)) {
        const key = slugMatching(byKey, idAt(call.params, "task_id", "agentId"));
        change(key, (agent) => ended(agent, "completed", call.timestamp));
      }
    },
    answer(call, answer, timestamp) {
      if (startingTools.has(call.tool)) return started(answer, timestamp);
      if (answer.isError) return;
      const key = keyOf(idAt(call.params, "task_id", "agentId", "agent_id", "shell_id", "to"));
      if (askingTools.has(call.tool)) change(key, (agent) => ended(agent, statusOfOutput(answer), timestamp));
      if (stoppingTools.has(call.tool)) change(key, (agent) => ended(agent, "stopped", timestamp));
      if (call.tool === "SendMessage") change(key, running);
    },
    notice({ taskId, toolUseId, status }, timestamp) {
      change(keyOf(toolUseId) ?? keyOf(taskId), (agent) => ended(agent, status, timestamp));
    },
    agents: () => [...byKey.values()],
  };
}

/**
 * The agent with what `status`, a word of Claude Code's, says of its end. The
 * same end is told several times: the first counts.
 *
 * @internal
 */
export function ended(agent: SpawnedAgent, status: string | undefined, at: string | undefined): SpawnedAgent {
  if (agent.status !== "running") return agent;
  const time = at === undefined ? {} : { endedAt: at };
  if (status === "completed") return { ...agent, status: "completed", ...time };
  if (status === "failed") return { ...agent, status: "unknown", end: "failed", ...time };
  if (status === "killed" || status === "stopped" || status === "cancelled")
    return { ...agent, status: "unknown", end: "stopped", ...time };
  return agent;
}

function running(agent: SpawnedAgent): SpawnedAgent {
  const { end: _end, endedAt: _endedAt, ...rest } = agent;
  return { ...rest, status: "running" };
}

function newAgent(key: string, { id, params, timestamp }: ToolCall): SpawnedAgent {
  const subagentType = textAt(params, "subagent_type");
  return {
    id: cut(key, 200),
    task: cut(oneLine(descriptionOf(params)), maxTaskChars),
    status: "running",
    ...(subagentType !== undefined && { subagentType: cut(subagentType, 100) }),
    ...(timestamp !== undefined && { timestamp }),
    ...(id !== undefined && { toolUseId: id }),
  };
}

function descriptionOf(params: Values): string {
  return textAt(params, "description", "name", "prompt") ?? "";
}

function agentIdOf(answer: ToolAnswer): string | undefined {
  const told = idAt(answer.detail, "agentId", "agent_id", "taskId", "task_id");
  // The last one: the agent's own words, which stand before it, may hold another.
  return told ?? [...answer.text.matchAll(/^agentId: ([\w-]{1,100})/gm)].at(-1)?.[1];
}

function statusOfStart({ isError, text, detail }: ToolAnswer): string {
  if (isError) return /interrupted|rejected|doesn't want/i.test(text) ? "stopped" : "failed";
  const status = textAt(detail, "status") ?? "";
  const launched = /launched|spawned|running/.test(status) || text.startsWith("Async agent launched");
  return launched ? "running" : status === "failed" || status === "killed" ? status : "completed";
}

function statusOfOutput({ text, detail }: ToolAnswer): string | undefined {
  const task = detail === undefined ? undefined : valuesAt(detail, "task");
  return (
    textAt(task, "status") ?? textAt(detail, "status") ?? tagIn(text.split("<output>", 1)[0] ?? "", "status")
  );
}

/** The original's id of an agent; a second agent of the same first words gets a number. */
function freeSlug(taken: ReadonlyMap<string, unknown>, params: Values): string {
  const words = oneLine(descriptionOf(params)).toLowerCase().split(" ").slice(0, 3);
  const slug = `agent-${cut(words.join("-"), 100)}`;
  if (!taken.has(slug)) return slug;
  let number = 2;
  while (taken.has(`${slug}-${number}`)) number++;
  return `${slug}-${number}`;
}

function slugMatching(byKey: ReadonlyMap<string, SpawnedAgent>, id: string | undefined): string | undefined {
  if (id === undefined || id === "") return undefined;
  if (byKey.has(id)) return id;
  return [...byKey].find(
    ([key, { status, toolUseId }]) =>
      status === "running" && toolUseId === undefined && (key.includes(id) || id.includes(key)),
  )?.[0];
}

function forgetOldest(byKey: Map<string, SpawnedAgent>, keyOfAgent: Map<string, string>): void {
  const [oldest] = byKey;
  if (oldest === undefined) return;
  byKey.delete(oldest[0]);
  keyOfAgent.delete(oldest[1].id);
}
