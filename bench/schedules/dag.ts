/** A workflow whose run times are known because it was run. */
import { readdirSync, readFileSync } from "node:fs";

export interface Dag {
  /** The workflow's name, from the file's. */
  readonly name: string;
  readonly tasks: readonly DagTask[];
}

export interface DagTask {
  readonly id: string;
  /** As measured; 0 occurs. */
  readonly ms: number;
  /** Ids of what must end first. */
  readonly deps: readonly string[];
}

export function loadDags(folder: URL = new URL("../dags/", import.meta.url)): readonly Dag[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const { tasks } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Pick<Dag, "tasks">;
      return { name: file.split("-")[0] ?? file, tasks };
    });
}

/** For each task the milliseconds from its start to the end of the longest chain that begins with it. */
export function pathLengths(dag: Dag): ReadonlyMap<string, number> {
  const dependants = dependantsOf(dag);
  const lengths = new Map<string, number>();
  const lengthOf = (task: DagTask): number => {
    const known = lengths.get(task.id);
    if (known !== undefined) return known;
    const behind = (dependants.get(task.id) ?? []).map(lengthOf);
    const length = task.ms + Math.max(0, ...behind);
    lengths.set(task.id, length);
    return length;
  };
  for (const task of dag.tasks) lengthOf(task);
  return lengths;
}

/** Who waits for a task, in the order of the file. */
export function dependantsOf(dag: Dag): ReadonlyMap<string, readonly DagTask[]> {
  const dependants = new Map<string, DagTask[]>(dag.tasks.map((task) => [task.id, []]));
  for (const task of dag.tasks) {
    for (const id of new Set(task.deps)) dependants.get(id)?.push(task);
  }
  return dependants;
}

/** `max(longest path, work / slots)`: no schedule is shorter, and on some graphs none is as short. */
export function lowerBoundMs(dag: Dag, slots: number): number {
  const work = dag.tasks.reduce((sum, task) => sum + task.ms, 0);
  return Math.max(...pathLengths(dag).values(), work / slots);
}
