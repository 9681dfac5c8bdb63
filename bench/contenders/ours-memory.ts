/** Ours with the memory store: what `new Orchestrator()` does without a path. */
import { AgentDispatcher, functionAgent, Orchestrator } from "mai-orchestration-framework";
import { assertRan, finish, taskCount } from "./measurement.ts";
import { noOpTasks } from "./ours-tasks.ts";

const tasks = taskCount();
const batch = noOpTasks(tasks);
let ran = 0;
const agent = functionAgent({
  id: "no-op",
  capabilities: ["implementation"],
  maxConcurrent: 10,
  run: async () => {
    ran++;
    return "done";
  },
});
// Without the default agents, which could do these tasks too.
const dispatcher = new AgentDispatcher(undefined, [agent]);
const orchestrator = new Orchestrator({ dispatcher });

const start = performance.now();
const ids = orchestrator.queueBatch(batch);
const { successCount } = await orchestrator.executeBatch(ids, { parallel: 10 });
const ms = performance.now() - start;

assertRan(ran, tasks);
assertRan(successCount, tasks);
finish({ tasks, ms });
