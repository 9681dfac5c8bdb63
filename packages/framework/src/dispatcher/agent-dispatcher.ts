/** Who can do tasks, and who is free. */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentConfig, type FarmTask, MaiError, type TaskType, taskTypes } from "mai-orchestration-core";
import type { Agent, Roster } from "mai-orchestration-engine";
import { defaultAgents } from "../agents/default-agents.ts";
import { makeAgent } from "../agents/make-agent.ts";
import { safeFileName } from "../execution/safe-file-name.ts";
import type { AgentRegistration } from "./agent-registration.ts";

/** What {@link AgentDispatcher.dispatch} reserved. @public */
export interface DispatchResult {
  agentId: string;
  outputFile: string;
}

interface Entry {
  readonly config: AgentConfig;
  readonly agent: Agent;
  /** Tasks that hold a slot. */
  readonly tasks: Set<string>;
  /** Unregistered, but tasks still hold slots: not offered any more. */
  isLeaving: boolean;
}

/**
 * Routes tasks to agents by capability and load.
 *
 * @example
 * const dispatcher = new AgentDispatcher("/tmp/outputs");
 * const agent = dispatcher.selectAgent("implementation");
 *
 * @public
 */
export class AgentDispatcher implements Roster {
  readonly #outputDir: string;
  readonly #entries = new Map<string, Entry>();

  /** @param outputDir - where `dispatch` creates output files. Defaults to the system's folder for temporary files. */
  constructor(outputDir: string = tmpdir(), agents: readonly AgentRegistration[] = defaultAgents()) {
    this.#outputDir = outputDir;
    for (const agent of agents) this.registerAgent(agent);
  }

  /** The free agent for a type of task: the one with the largest free share, the first registered among equals. */
  selectAgent(taskType: TaskType): AgentConfig | undefined {
    let best: Entry | undefined;
    for (const entry of this.#present()) {
      if (!entry.config.capabilities.includes(taskType) || freeOf(entry) <= 0) continue;
      if (best === undefined || shareOf(entry) > shareOf(best)) best = entry;
    }
    return best === undefined ? undefined : snapshotOf(best);
  }

  /** Reserves a slot for the task and creates its output file; runs nothing. `undefined` when nobody is free. */
  dispatch(task: FarmTask): DispatchResult | undefined {
    const agent = this.selectAgent(task.type);
    if (agent === undefined) return undefined;
    mkdirSync(this.#outputDir, { recursive: true });
    const outputFile = join(this.#outputDir, `${safeFileName(task.taskId)}.output`);
    closeSync(openSync(outputFile, "a"));
    this.take(agent.id, task.taskId);
    return { agentId: agent.id, outputFile };
  }

  /** Frees the slot of a task, once; without a task id the slot that was reserved first. */
  release(agentId: string, taskId?: string): void {
    const entry = this.#entries.get(agentId);
    if (entry === undefined) return;
    const held = taskId ?? entry.tasks.values().next().value;
    if (held !== undefined) entry.tasks.delete(held);
    if (entry.isLeaving && entry.tasks.size === 0) this.#entries.delete(agentId);
  }

  /** Copies of the agents that have a free slot. */
  getAvailableAgents(): AgentConfig[] {
    return this.#present()
      .filter((entry) => freeOf(entry) > 0)
      .map(snapshotOf);
  }

  isAgentAvailable(agentId: string): boolean {
    const entry = this.#entries.get(agentId);
    return entry !== undefined && !entry.isLeaving && freeOf(entry) > 0;
  }

  /** Copies: changing them changes nothing here. */
  getAllAgents(): AgentConfig[] {
    return this.#present().map(snapshotOf);
  }

  getTotalCapacity(): { total: number; used: number; available: number } {
    const entries = this.#present();
    const total = entries.reduce((sum, entry) => sum + entry.config.maxConcurrent, 0);
    const used = entries.reduce((sum, entry) => sum + entry.tasks.size, 0);
    return { total, used, available: Math.max(0, total - used) };
  }

  /**
   * Adds an agent, or replaces the one with its id; slots that tasks hold stay
   * held. Throws `agent.invalid` for an agent that could never do a task.
   */
  registerAgent(config: AgentRegistration): void {
    checkConfig(config);
    const tasks = this.#entries.get(config.id)?.tasks ?? new Set<string>();
    const copy = { ...config, capabilities: [...config.capabilities] };
    this.#entries.set(config.id, { config: copy, agent: makeAgent(copy), tasks, isLeaving: false });
  }

  /** Offers the agent no more; what it runs goes on. `false` when there is none of that id. */
  unregisterAgent(agentId: string): boolean {
    const entry = this.#entries.get(agentId);
    if (entry === undefined || entry.isLeaving) return false;
    entry.isLeaving = true;
    if (entry.tasks.size === 0) this.#entries.delete(agentId);
    return true;
  }

  /** The engine's view. @internal */
  agents(): readonly Agent[] {
    return [...this.#entries.values()].map((entry) => entry.agent);
  }

  /** @internal */
  free(agent: Agent): number {
    const entry = this.#entries.get(agent.agentId);
    return entry === undefined || entry.isLeaving ? 0 : freeOf(entry);
  }

  /** @internal */
  take(agentId: string, taskId: string): void {
    this.#entries.get(agentId)?.tasks.add(taskId);
  }

  #present(): Entry[] {
    return [...this.#entries.values()].filter((entry) => !entry.isLeaving);
  }
}

function freeOf(entry: Entry): number {
  return entry.config.maxConcurrent - entry.tasks.size;
}

function shareOf(entry: Entry): number {
  return freeOf(entry) / entry.config.maxConcurrent;
}

function snapshotOf({ config, tasks }: Entry): AgentConfig {
  const { id, name, capabilities, maxConcurrent } = config;
  return { id, name, capabilities: [...capabilities], maxConcurrent, currentLoad: tasks.size };
}

function checkConfig(config: AgentConfig): void {
  const wrong = (what: string, hint: string): MaiError =>
    new MaiError("agent.invalid", `Agent ${JSON.stringify(config.id)} ${what}`, { hint });
  if (typeof config.id !== "string" || config.id === "") throw wrong("needs an id", "Give it a text as id.");
  if (!Number.isInteger(config.maxConcurrent) || config.maxConcurrent < 1) {
    throw wrong(`has maxConcurrent ${config.maxConcurrent}`, "Give it a whole number from 1.");
  }
  const unknown = config.capabilities.find((type) => !taskTypes.includes(type));
  if (unknown !== undefined) {
    throw wrong(`has the capability ${JSON.stringify(unknown)}`, `Known ones: ${taskTypes.join(", ")}.`);
  }
  if (config.capabilities.length === 0)
    throw wrong("can do no type of task", `Name some of: ${taskTypes.join(", ")}.`);
}
