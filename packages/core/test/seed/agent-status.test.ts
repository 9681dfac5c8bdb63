import { expect, test } from "vitest";
import {
  calculateAgentDuration,
  createAgentStatus,
  markAgentComplete,
  markAgentFailed,
  markAgentRunning,
} from "../../src/seed/index.ts";

test("a status is queued at first, then running, then complete or failed, each a copy", () => {
  const queued = createAgentStatus("a", "t", "t.log");
  const running = markAgentRunning({ ...queued, startTime: new Date(0) });
  const complete = markAgentComplete(running);
  const failed = markAgentFailed({ ...running, progress: 30 });

  expect(queued).toEqual({
    agentId: "a",
    taskId: "t",
    status: "queued",
    startTime: queued.startTime,
    outputFile: "t.log",
  });
  expect(running.status).toBe("running");
  expect(running.startTime.getTime()).toBeGreaterThanOrEqual(queued.startTime.getTime());
  expect(running).not.toHaveProperty("endTime");
  expect(complete).toMatchObject({ status: "complete", progress: 100, endTime: expect.any(Date) });
  expect(failed).toMatchObject({ status: "failed", progress: 30, endTime: expect.any(Date) });
});

test("the duration is the milliseconds from start to end, and unknown before the end", () => {
  const status = createAgentStatus("a", "t", "t.log");
  const startTime = new Date(1_000);

  expect(calculateAgentDuration({ ...status, startTime })).toBeUndefined();
  expect(calculateAgentDuration({ ...status, startTime, endTime: new Date(3_500) })).toBe(2_500);
});

test("a clock that was set back gives no negative duration, a date that is none gives none", () => {
  expect(calculateAgentDuration({ startTime: new Date(9_000), endTime: new Date(1_000) })).toBe(0);
  expect(calculateAgentDuration({ startTime: "yesterday", endTime: "today" })).toBeUndefined();
});
