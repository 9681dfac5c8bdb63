/** Who can do tasks, and who is free. */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FarmTask, TaskType } from "mai-orchestration-core";
import type { AgentConfig } from "mai-orchestration-core/seed";
import type { Agent, Roster } from "mai-orchestration-engine";
import { defaultAgents } from "../agents/default-agents.ts";
import { makeAgent } from "../agents/make-agent.ts";
import { safeFileName } from "../execution/safe-file-name.ts";
import type { AgentRegistration } from "./agent-registration.ts";
import { refuseBadAgent } from "./check-agent.ts";

/** What {@link AgentDispatcher.dispatch} reserved. @public */
export interface DispatchResult {
  agentId: string;
  outputFile: string;
}

interface Entry {
  readonly config: AgentConfig;
  readonly agent: Agent;
  /** Tasks for which `dispatch` reserved a slot. */
  readonly reserved: Set<string>;
  /** Attempts that hold a slot. */
  readonly running: Set<string>;
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
  /** The engine asks in every turn; made anew when the entries have changed. */
  #agents: readonly Agent[] | null = null;

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
    this.#entries.get(agent.id)?.reserved.add(task.taskId);
    return { agentId: agent.id, outputFile };
  }

  /** Frees the slot of a task, once; without a task id the slot that was reserved first. */
  release(agentId: string, taskId?: string): void {
    const entry = this.#entries.get(agentId);
    if (entry === undefined) return;
    const held = taskId ?? entry.reserved.values().next().value;
    if (held !== undefined && !entry.reserved.delete(held)) entry.running.delete(held);
    if (entry.isLeaving && loadOf(entry) === 0) this.#remove(agentId);
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
    const used = entries.reduce((sum, entry) => sum + loadOf(entry), 0);
    return { total, used, available: Math.max(0, total - used) };
  }

  /**
   * Adds an agent, or replaces the one with its id; slots that tasks hold stay
   * held. Throws `agent.invalid` for an agent that could never do a task.
   */
  registerAgent(config: AgentRegistration): void {
    refuseBadAgent(config);
    const { reserved, running } = this.#entries.get(config.id) ?? { reserved: new Set(), running: new Set() };
    const copy = { ...config, capabilities: [...config.capabilities] };
    this.#agents = null;
    this.#entries.set(config.id, {
      config: copy,
      agent: makeAgent(copy),
      reserved,
      running,
      isLeaving: false,
    });
  }

  /** Offers the agent no more; what it runs goes on. `false` when there is none of that id. */
  unregisterAgent(agentId: string): boolean {
    const entry = this.#entries.get(agentId);
    if (entry === undefined || entry.isLeaving) return false;
    entry.isLeaving = true;
    if (loadOf(entry) === 0) this.#remove(agentId);
    return true;
  }

  /** The engine's view. @internal */
  agents(): readonly Agent[] {
    this.#agents ??= [...this.#entries.values()].map((entry) => entry.agent);
    return this.#agents;
  }

  /** @internal */
  free(agent: Agent): number {
    const entry = this.#entries.get(agent.agentId);
    return entry === undefined || entry.isLeaving ? 0 : freeOf(entry);
  }

  /** @internal */
  take(agentId: string, slot: string): void {
    this.#entries.get(agentId)?.running.add(slot);
  }

  #remove(agentId: string): void {
    this.#entries.delete(agentId);
    this.#agents = null;
  }

  #present(): Entry[] {
    return [...this.#entries.values()].filter((entry) => !entry.isLeaving);
  }
}

function freeOf(entry: Entry): number {
  return entry.config.maxConcurrent - loadOf(entry);
}

function loadOf({ reserved, running }: Entry): number {
  return reserved.size + running.size;
}

function shareOf(entry: Entry): number {
  return freeOf(entry) / entry.config.maxConcurrent;
}

function snapshotOf(entry: Entry): AgentConfig {
  const { id, name, capabilities, maxConcurrent } = entry.config;
  return { id, name, capabilities: [...capabilities], maxConcurrent, currentLoad: loadOf(entry) };
}
