/** What a run would do: which tasks could go together, in which order, and who could do them. */
import {
  askedOf,
  demandOf,
  dependencyOrder,
  type FarmTask,
  formatDuration,
  getPriorityOrder,
  laneOf,
  longestPaths,
  serves,
  uniqueDependencies,
} from "mai-orchestration-core";
import { capacityOf } from "../../config/agent-setting.ts";
import { foundBackendOf } from "../../config/choose-backend.ts";
import type { CommandIo } from "../io.ts";
import { type Cell, columnsOf, headings, tableLines } from "../text/table.ts";
import { oneLine, plural } from "../text/text.ts";
import { themeFor } from "../text/theme.ts";
import type { PlannedRun } from "./plan-of-run.ts";
import { missingOf } from "./readiness.ts";

/** @internal */
export interface DryTask {
  readonly taskId: string;
  /** Numbered from 1: after how many others in a row it can start at the earliest. */
  readonly wave: number;
  /** Who could do it, in order of registration. */
  readonly agents: readonly string[];
  readonly dependsOn: readonly string[];
  readonly command: string | null;
  readonly estimateMs: number | null;
}

/** In the order in which they would be started if all took their time in equal steps. @internal */
export function dryTasks({ plan, agents }: PlannedRun): DryTask[] {
  const waves = wavesOf(plan.tasks);
  const behind = longestPaths(plan.tasks);
  const capacities = agents.map(capacityOf);
  const order = [...plan.tasks].sort(
    (a, b) =>
      (waves.get(a.taskId) ?? 0) - (waves.get(b.taskId) ?? 0) ||
      getPriorityOrder(a.priority) - getPriorityOrder(b.priority) ||
      (behind.get(b.taskId) ?? 0) - (behind.get(a.taskId) ?? 0),
  );
  return order.map((task) => ({
    taskId: task.taskId,
    wave: waves.get(task.taskId) ?? 1,
    agents: capacities
      .filter((agent) => askedOf(task).some((asked) => serves(agent, demandOf(asked, 0))))
      .map((agent) => agent.agentId),
    dependsOn: uniqueDependencies(task),
    command: task.command ?? null,
    estimateMs: task.estimate ?? null,
  }));
}

function wavesOf(tasks: readonly FarmTask[]): Map<string, number> {
  const waves = new Map<string, number>();
  for (const task of dependencyOrder(tasks)) {
    let wave = 1;
    for (const id of uniqueDependencies(task)) wave = Math.max(wave, (waves.get(id) ?? 0) + 1);
    waves.set(task.taskId, wave);
  }
  return waves;
}

/** How many attempts there can be at once: what the agents that can be used take, and no more than `parallel`. @internal */
export function mostAtOnce({ plan, agents }: PlannedRun, parallel: number | null): number {
  const lanes = new Map(
    plan.tasks.flatMap(askedOf).map((task) => [laneOf(demandOf(task, 0)), demandOf(task, 0)]),
  );
  const used = agents
    .map(capacityOf)
    .filter((agent) => [...lanes.values()].some((demand) => serves(agent, demand)));
  const places = used.reduce((sum, agent) => sum + agent.maxConcurrent, 0);
  return Math.min(places, parallel ?? places);
}

/** @internal */
export function dryRunText(run: PlannedRun, parallel: number | null, io: CommandIo): string {
  const theme = themeFor(io.stdout, io.env);
  const tasks = dryTasks(run);
  const waves = tasks.at(-1)?.wave ?? 0;
  const rows = tasks.map((task, i): Cell[] => [
    { text: task.wave === tasks[i - 1]?.wave ? "" : String(task.wave), right: true },
    { text: task.taskId, paint: theme.bold },
    { text: task.agents.join(" | ") },
    { text: task.dependsOn.join(", ") || "-", paint: theme.dim },
    { text: task.command === null ? "" : `$ ${task.command}`, paint: theme.dim },
  ]);
  const head = headings(theme.dim, "WAVE", "TASK", "BY", "AFTER", "");
  const limit = `at most ${mostAtOnce(run, parallel)} at once`;
  const total = `${plural(tasks.length, "task")} in ${plural(waves, "wave")}, ${limit}${estimateText(run)}`;
  const name = oneLine(run.plan.name ?? run.source);
  return `${[`${theme.bold(name)}  would run in ${run.root}`, "", ...tableLines([head, ...rows], columnsOf(io.stdout)), "", ...backendLines(run, io), `${total}. Nothing was started.`].join("\n")}\n`;
}

/** By what the tasks without a command would be done, where that was found on the machine. */
function backendLines({ plan, agents, root }: PlannedRun, io: CommandIo): string[] {
  const demands = plan.tasks.flatMap(askedOf).map((task) => demandOf(task, 0));
  const wanted = agents.filter(
    (agent) =>
      agent.backend === null &&
      demands.some((demand) => demand.kind !== "command" && serves(capacityOf(agent), demand)),
  );
  const found = foundBackendOf(wanted, io.env);
  const isMissing = wanted.some((agent) => missingOf(agent, root, io.env) !== null);
  return found === null || isMissing
    ? []
    : [`By ${found}, as found on this machine: ${wanted.map((agent) => agent.agentId).join(", ")}.`];
}

function estimateText({ plan }: PlannedRun): string {
  // Guessed estimates would look like knowledge.
  if (plan.tasks.some((task) => task.estimate === undefined)) return "";
  const longest = Math.max(...longestPaths(plan.tasks).values());
  return `, the longest path ${formatDuration(longest)}`;
}
