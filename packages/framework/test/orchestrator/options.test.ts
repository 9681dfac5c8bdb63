/** What an orchestrator is told when it is made. */
import { basename } from "node:path";
import { expect, test } from "vitest";
import { Orchestrator, type OrchestratorOptions } from "../../src/index.ts";
import { folder, task } from "../support/tasks.ts";

test.each([
  ["an option that there is not", { foo: 1 }, "foo is not an option of an orchestrator"],
  ["an unknown durability", { durability: "x" }, 'durability is "x"'],
  ["a number as agents", { agents: 3 }, "agents is 3"],
  ["a number as store", { store: 5 }, "store is 5"],
  ["an object that is no store", { store: {} }, "store is an object"],
  ["an empty path as store", { store: "" }, 'store is ""'],
  ["a number as root", { root: 5 }, "root is 5"],
  ["a list as outputDir", { outputDir: [] }, "outputDir is a list"],
  ["an object that is no dispatcher", { dispatcher: {} }, "dispatcher is an object"],
  ["half an attempt at once", { parallel: 0.5 }, "parallel is 0.5"],
  ["a number instead of options", 5, "options are 5"],
  ["nothing instead of options", null, "options are null"],
])("an orchestrator with %s is refused, saying which", (_what, options, message) => {
  const error = { name: "MaiError", code: "orchestrator.invalid-option", message };

  expect(() => new Orchestrator(options as OrchestratorOptions)).toThrow(
    expect.objectContaining({ ...error, hint: expect.any(String) }),
  );
});

test("what happens to the options afterwards changes nothing", async () => {
  const root = folder();
  const options: OrchestratorOptions = { root };
  await using orchestrator = new Orchestrator(options);
  options.root = folder();
  orchestrator.clear();
  orchestrator.queueTask(task("a", { command: "pwd" }));

  expect((await orchestrator.executeTask("a")).output).toContain(basename(root));
});
