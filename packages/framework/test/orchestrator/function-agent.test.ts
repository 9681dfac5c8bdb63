/** What a function agent is given beside its task. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentOfFunction } from "../../src/dispatcher/function-agent.ts";
import { type FunctionRun, functionAgent } from "../../src/index.ts";
import { folder, orchestratorOf, task } from "../support/tasks.ts";

test("a function is told which attempt it makes and why the last one did not do", async () => {
  const root = folder();
  const told: unknown[] = [];
  const run: FunctionRun = (_task, { attempt, feedback, workspace, ...more }) => {
    told.push({ attempt, feedback, more: Object.keys(more).sort() });
    if (feedback?.includes("proof is missing")) writeFileSync(join(workspace, "proof.txt"), "");
    return "done";
  };
  const orchestrator = orchestratorOf(run, { root });
  const verify = [{ command: "test -e proof.txt || { echo proof is missing; exit 1; }" }];
  orchestrator.queueTask(task("t", { verify, retry: { maxAttempts: 2, backoff: 1 } }));

  expect(await orchestrator.executeTask("t")).toMatchObject({ verdict: "verified", attempts: 2 });
  expect(told).toEqual([
    { attempt: 1, feedback: null, more: ["report", "signal"] },
    { attempt: 2, feedback: expect.stringContaining("proof is missing"), more: ["report", "signal"] },
  ]);
});

test("a function that never looks at its signal costs none", async () => {
  let made = 0;
  const signal = (): AbortSignal => {
    made++;
    return new AbortController().signal;
  };
  const context = {
    workspace: "/",
    root: "/",
    outputFile: "/dev/null",
    mark: "m",
    report: () => undefined,
    get signal() {
      return signal();
    },
  };
  const asked = { runId: "r", task: task("t"), attempt: 1, feedback: null, sessionId: null };
  const agentWith = (run: FunctionRun): ReturnType<typeof agentOfFunction> =>
    agentOfFunction(functionAgent({ id: "f", capabilities: ["test"], maxConcurrent: 1, run }));

  await agentWith((_task, tools) => `attempt ${tools.attempt} in ${tools.workspace}`).run(asked, context);
  expect(made).toBe(0);
  await agentWith((_task, tools) => String(tools.signal.aborted)).run(asked, context);
  expect(made).toBe(1);
});

test("an answer that does not fit the task's outputSchema goes back with the reason, and one that does is kept as data", async () => {
  const told: (string | null)[] = [];
  const run: FunctionRun = (_task, { attempt, feedback }) => {
    told.push(feedback);
    return attempt === 1 ? '{"n":"no"}' : { output: "Found it.", structuredOutput: { n: 3 } };
  };
  const orchestrator = orchestratorOf(run);
  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  orchestrator.queueTask(task("t", { outputSchema, retry: { maxAttempts: 2, backoff: 1 } }));

  expect(await orchestrator.executeTask("t")).toMatchObject({
    ...{ status: "success", attempts: 2, output: "Found it." },
    structuredOutput: { n: 3 },
  });
  expect(told).toEqual([null, expect.stringMatching(/outputSchema: \/n: .*\n\n\{"n":"no"\}$/s)]);
});

test("a schema that is none is refused before anything is queued", () => {
  const orchestrator = orchestratorOf(() => "done");

  expect(() =>
    orchestrator.queueTask(task("t", { outputSchema: { properties: { n: { type: "nummer" } } } })),
  ).toThrow("Task t: outputSchema.properties.n.type must be one of string, number");
});
