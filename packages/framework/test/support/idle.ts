/** Uses an orchestrator as the first argument says and leaves it open: the process must end by itself. */
import { createFarmTask, functionAgent, Orchestrator } from "../../src/index.ts";

const [, , use, store] = process.argv;
const agent = functionAgent({ id: "own", capabilities: ["test"], maxConcurrent: 2, run: async () => "done" });
const orchestrator = new Orchestrator({ agents: [agent], ...(store === undefined ? {} : { store }) });
const tasks = ["a", "b"].map((name) => ({ ...createFarmTask("test", name, "done"), agent: "own" }));
const ids = orchestrator.queueBatch(tasks);

if (use === "task") await orchestrator.executeTask(ids[0] ?? "");
if (use === "batch") await orchestrator.executeBatch(ids, { timeout: 60_000 });
if (use === "timeout") {
  orchestrator.queueTask({
    ...createFarmTask("test", "c", "done", { timeout: 60_000 }),
    taskId: "c",
    agent: "own",
  });
  await orchestrator.executeTask("c");
}
if (use === "wait") {
  // Nothing of this process runs meanwhile: waiting for a retry must keep it alive.
  let tries = 0;
  const shaky = functionAgent({
    id: "shaky",
    capabilities: ["review"],
    maxConcurrent: 1,
    run: () => (++tries === 1 ? Promise.reject(new Error("once")) : Promise.resolve("done")),
  });
  orchestrator.dispatcher.registerAgent(shaky);
  const retry = { maxAttempts: 2, backoff: 300 };
  const id = orchestrator.queueTask({ ...createFarmTask("review", "r", "done", { retry }), agent: "shaky" });
  const { attempts } = await orchestrator.executeTask(id);
  console.log(`attempts ${attempts}`);
}
console.log("reached the end");
