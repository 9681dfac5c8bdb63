import { type MemoryStore, memoryStore, type Store, systemClock } from "mai-orchestration-engine";
import { expect, test } from "vitest";
import { orchestratorOf, task, untilStopped } from "../support/tasks.ts";

/** A store whose methods named in `broken` reject. */
function fragileStore(): { readonly store: Store; readonly broken: Set<string> } {
  const broken = new Set<string>();
  const store = new Proxy<MemoryStore>(memoryStore(systemClock), {
    get(target, name: keyof MemoryStore) {
      const value = target[name];
      if (typeof value !== "function") return value;
      return (...args: never[]) =>
        broken.has(name)
          ? Promise.reject(new Error(`no ${name}`))
          : (value as (...given: never[]) => unknown).apply(target, args);
    },
  });
  return { store, broken };
}

test("a write that fails rejects the next awaited call, and further work is refused", async () => {
  const { store, broken } = fragileStore();
  const orchestrator = orchestratorOf(() => "done", { store });
  broken.add("submit");
  orchestrator.queueTask(task("a"));

  await expect(orchestrator.flush()).rejects.toThrow("no submit");
  broken.clear();
  expect(() => orchestrator.queueTask(task("b"))).toThrow("no submit");
  await expect(orchestrator.executeTask("a")).rejects.toThrow("no submit");
  // It has been told: closing has nothing to add.
  await orchestrator.close();
});

test("a failed write that nobody awaited rejects close()", async () => {
  const { store, broken } = fragileStore();
  const orchestrator = orchestratorOf(() => "done", { store });
  broken.add("submit");
  orchestrator.queueTask(task("a"));

  await expect(orchestrator.close()).rejects.toThrow("no submit");
});

test.each(["claim", "settle", "held", "cancel"])(
  "a store that fails at %s rejects who waits, and stops what runs",
  async (method) => {
    const { store, broken } = fragileStore();
    let running = 0;
    const orchestrator = orchestratorOf(
      async (one, tools) => {
        if (one.taskId === "quick") return "done";
        running++;
        try {
          return await untilStopped(one, tools);
        } finally {
          running--;
        }
      },
      { store },
    );
    const ids = orchestrator.queueBatch([task("quick"), task("endless")]);
    await orchestrator.flush();
    broken.add(method);

    await expect(orchestrator.executeBatch(ids, { timeout: 200 })).rejects.toThrow(`no ${method}`);
    expect(running).toBe(0);
    expect(orchestrator.dispatcher.getTotalCapacity().used).toBe(0);
    expect(() => orchestrator.queueTask(task("more"))).toThrow(`no ${method}`);
  },
);

test("a store that cannot cancel rejects the cancelling", async () => {
  const { store, broken } = fragileStore();
  const orchestrator = orchestratorOf(() => "done", { store });
  orchestrator.queueTask(task("a"));
  await orchestrator.flush();
  broken.add("cancel");

  await expect(orchestrator.cancel()).rejects.toThrow("no cancel");
  await expect(orchestrator.executeTask("a")).rejects.toThrow("no cancel");
});
