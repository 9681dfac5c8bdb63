/** The no-op tasks of both throughput benchmarks: three priorities in turn. */
import type { FarmTask, TaskPriority } from "mai-orchestration-framework";
import { createFarmTask } from "mai-orchestration-framework";

const priorities: readonly TaskPriority[] = ["high", "normal", "low"];

export function noOpTasks(count: number): FarmTask[] {
  return Array.from({ length: count }, (_, index) =>
    createFarmTask("implementation", `No-op ${index}`, "nothing is done", {
      priority: priorities[index % 3] ?? "normal",
    }),
  );
}
