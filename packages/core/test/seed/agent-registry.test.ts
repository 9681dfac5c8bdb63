import { expect, test } from "vitest";
import {
  AgentRegistry,
  createAgentStatus,
  markAgentComplete,
  markAgentFailed,
  markAgentRunning,
} from "../../src/seed/index.ts";

const queued = (agentId: string, taskId: string) => createAgentStatus(agentId, taskId, `${taskId}.log`);

test("get answers the newest status of an agent, or the one it has for a task", () => {
  const registry = new AgentRegistry();
  registry.set("a", queued("a", "t1"));
  registry.set("a", queued("a", "t2"));

  expect(registry.get("a")?.taskId).toBe("t2");
  expect(registry.get("a", "t1")?.taskId).toBe("t1");
  expect(registry.get("a", "t3")).toBeUndefined();
  expect(registry.get("b")).toBeUndefined();

  registry.set("a", markAgentRunning(queued("a", "t1")));
  expect(registry.get("a")).toMatchObject({ taskId: "t1", status: "running" });
  expect(registry.size).toBe(2);
});

test("getByTask answers the newest status whichever agent it is of", () => {
  const registry = new AgentRegistry();
  registry.set("a", markAgentFailed(queued("a", "t")));
  registry.set("b", markAgentRunning(queued("b", "t")));

  expect(registry.getByTask("t")?.agentId).toBe("b");
});

test("statuses are sorted into active, completed and failed", () => {
  const registry = new AgentRegistry();
  registry.set("a", queued("a", "queued"));
  registry.set("a", markAgentRunning(queued("a", "running")));
  registry.set("a", markAgentComplete(queued("a", "complete")));
  registry.set("a", markAgentFailed(queued("a", "failed")));
  const ids = (statuses: readonly { taskId: string }[]) => statuses.map(({ taskId }) => taskId);

  expect(ids(registry.getActive())).toEqual(["queued", "running"]);
  expect(ids(registry.getCompleted())).toEqual(["complete"]);
  expect(ids(registry.getFailed())).toEqual(["failed"]);
  expect(ids(registry.getAll())).toEqual(["queued", "running", "complete", "failed"]);
});

test("update changes the newest status, or that of the task it names, and nothing when there is none", () => {
  const registry = new AgentRegistry();
  registry.set("a", queued("a", "t1"));
  registry.set("a", queued("a", "t2"));

  registry.update("a", { progress: 40 });
  registry.update("a", { taskId: "t1", status: "failed" });
  registry.update("a", { taskId: "t3", status: "failed" });
  registry.update("b", { status: "failed" });

  expect(registry.getAll()).toMatchObject([
    { taskId: "t1", status: "failed" },
    { taskId: "t2", status: "queued", progress: 40 },
  ]);
  expect(registry.get("a")?.taskId).toBe("t2");
});

test("remove forgets one status or all of an agent, and says whether there was any", () => {
  const registry = new AgentRegistry();
  registry.set("a", queued("a", "t1"));
  registry.set("b", queued("b", "t1"));
  registry.set("a", queued("a", "t2"));
  registry.set("a", markAgentRunning(queued("a", "t1")));
  registry.set("a", queued("a", "t3"));

  expect(registry.remove("a", "t3")).toBe(true);
  expect(registry.remove("a", "t3")).toBe(false);
  expect(registry.get("a")?.taskId).toBe("t1");
  expect(registry.remove("a")).toBe(true);
  expect(registry.remove("a")).toBe(false);
  expect(registry.getAll()).toMatchObject([{ agentId: "b", taskId: "t1" }]);
  expect(registry.getByTask("t1")?.agentId).toBe("b");

  registry.clear();
  expect(registry.getAll()).toEqual([]);
  expect(registry.get("b")).toBeUndefined();
});

test("changing a status that was given or handed out changes nothing in the registry", () => {
  const registry = new AgentRegistry();
  const status = queued("a", "t");
  registry.set("a", status);

  status.status = "failed";
  for (const copy of [registry.get("a"), registry.getByTask("t"), ...registry.getAll()]) {
    if (copy !== undefined) copy.status = "failed";
  }

  expect(registry.get("a")?.status).toBe("queued");
});

test("agents and tasks are told apart whatever their names", () => {
  const registry = new AgentRegistry();
  registry.set('a","b', queued('a","b', "c"));
  registry.set("a", queued("a", 'b","c'));

  expect(registry.size).toBe(2);
});
