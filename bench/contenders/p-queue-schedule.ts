/** p-queue as it is used for a graph: a task is added as soon as all it waits for has ended, and runs in that order. */
import PQueue from "p-queue";
import type { Dag, DagTask } from "../schedules/dag.ts";
import { dependantsOf } from "../schedules/dag.ts";
import { virtualTime } from "../schedules/virtual-time.ts";

/** The virtual milliseconds that the real p-queue takes. */
export async function pQueueMakespanMs(dag: Dag, slots: number): Promise<number> {
  const time = virtualTime();
  const queue = new PQueue({ concurrency: slots });
  const dependants = dependantsOf(dag);
  const ended = new Set<string>();

  const add = (task: DagTask): void => {
    void queue.add(() => time.sleep(task.ms)).then(() => end(task));
  };
  const end = (task: DagTask): void => {
    ended.add(task.id);
    for (const dependant of dependants.get(task.id) ?? []) {
      if (dependant.deps.every((id) => ended.has(id))) add(dependant);
    }
  };

  for (const task of dag.tasks) if (task.deps.length === 0) add(task);
  await time.play();
  if (ended.size !== dag.tasks.length)
    throw new Error(`p-queue ended ${ended.size} of ${dag.tasks.length} tasks`);
  return time.now();
}
