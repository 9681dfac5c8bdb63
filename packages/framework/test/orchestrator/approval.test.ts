import { setTimeout as pause } from "node:timers/promises";
import { createFarmTask } from "mai-orchestration-core/seed";
import { expect, onTestFinished, test } from "vitest";
import { functionAgent, Orchestrator } from "../../src/index.ts";

function orchestratorOf(run: (feedback: number) => string): Orchestrator {
  let calls = 0;
  const agent = functionAgent({
    id: "general-purpose",
    capabilities: ["implementation"],
    maxConcurrent: 1,
    run: async () => run(++calls),
  });
  const orchestrator = new Orchestrator({ agents: [agent] });
  onTestFinished(() => orchestrator.close());
  return orchestrator;
}

/** Says it again until somebody asks. */
async function once(say: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await say();
    } catch (error) {
      if ((error as { code?: string }).code !== "task.not-waiting") throw error;
      await pause(5);
    }
  }
}

test("a task waits for its yes without a slot, and the result says who gave it", async () => {
  const orchestrator = orchestratorOf((call) => `call ${call}`);
  const waits = createFarmTask("implementation", "Deploy", "It is live", { approval: "before" });
  const other = createFarmTask("implementation", "Test", "It passes");
  orchestrator.queueBatch([waits, other]);
  const deployed = orchestrator.executeTask(waits.taskId);

  expect(await orchestrator.executeTask(other.taskId)).toMatchObject({ output: "call 1" });
  await once(() => orchestrator.approve(waits.taskId, "all green"));
  expect(await deployed).toMatchObject({
    status: "success",
    output: "call 2",
    approvals: [{ attempt: 0, approved: true, via: "library", note: "all green" }],
  });
  await orchestrator.approve(waits.taskId);
  await expect(orchestrator.reject(waits.taskId)).rejects.toMatchObject({ code: "task.not-waiting" });
  await expect(orchestrator.approve("nobody")).rejects.toMatchObject({ code: "batch.unknown-task" });
});

test("what is refused after it was done is done again", async () => {
  const orchestrator = orchestratorOf((call) => `draft ${call}`);
  const task = createFarmTask("implementation", "Write", "It reads well", {
    approval: "after",
    retry: { maxAttempts: 2, backoff: 1 },
  });
  orchestrator.queueTask(task);
  const done = orchestrator.executeTask(task.taskId);

  await once(() => orchestrator.reject(task.taskId, "too long"));
  await once(() => orchestrator.approve(task.taskId));
  const result = await done;
  expect(result).toMatchObject({ status: "success", output: "draft 2", attempts: 2 });
  expect(result.approvals?.map(({ attempt, approved }) => [attempt, approved])).toEqual([
    [1, false],
    [2, true],
  ]);
});
