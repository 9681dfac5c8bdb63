/** Begins a batch on disk that will not end before the file `second-life` is there, says so, and waits to be killed. */

import { writeFileSync } from "node:fs";
import { Orchestrator } from "../../src/index.ts";

const [, , store = "", root = ""] = process.argv;
const task = (taskId: string, command: string): Parameters<Orchestrator["queueTask"]>[0] => ({
  taskId,
  type: "test",
  description: taskId,
  context: [],
  constraints: [],
  successCriteria: "done",
  command,
});
const orchestrator = new Orchestrator({ store, root });
const ids = orchestrator.queueBatch([
  task("quick", "echo quick >> log"),
  task("slow", "echo slow >> log; until test -e second-life; do sleep 0.1; done"),
  { ...task("behind", "echo behind >> log"), dependsOn: ["slow"] },
]);
await orchestrator.executeTask("quick");
orchestrator.on({
  onEvent: (event) => {
    if (event.type === "task_started") console.log("running");
  },
});
writeFileSync(`${root}/state.json`, JSON.stringify(orchestrator.getState()));
await orchestrator.executeBatch(ids);
