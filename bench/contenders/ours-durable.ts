/**
 * Ours on SQLite, as a user of the library would: queue a batch, execute it ten
 * at a time. The second argument is the store's durability.
 */
import { AgentDispatcher, functionAgent, Orchestrator } from "mai-orchestration-framework";
import { assertRan, finish, taskCount } from "./measurement.ts";
import { noOpTasks } from "./ours-tasks.ts";

const tasks = taskCount();
const durability = process.argv[3] === "normal" ? "normal" : "full";
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
const orchestrator = new Orchestrator({ store: ".mai/mai.db", durability, dispatcher });

const start = performance.now();
const ids = orchestrator.queueBatch(batch);
const { successCount } = await orchestrator.executeBatch(ids, { parallel: 10 });
const ms = performance.now() - start;

assertRan(ran, tasks);
assertRan(successCount, tasks);
finish({ tasks, ms });
