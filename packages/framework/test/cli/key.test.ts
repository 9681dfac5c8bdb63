import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, jsonLines, mai, planText, startMai } from "../support/test-io.ts";

test("a run with a key is started once; afterwards the key means that run", async () => {
  const root = folder({ "plan.json": planText({ a: "echo x >> ran.txt" }) });

  const first = await mai(root, ["run", "plan.json", "--json", "--key", "k"]);
  const second = await mai(root, ["run", "plan.json", "--json", "--key", "k"]);
  const detached = await mai(root, ["run", "plan.json", "--json", "--key", "k", "--detach"]);
  const other = await mai(root, ["run", "plan.json", "--json", "--key", "l"]);

  const runId = jsonLines(first.out)[0]?.["runId"];
  expect(jsonLines(second.out)).toEqual([{ runId, state: "unverified", exitCode: 0 }]);
  expect(jsonLines(detached.out)).toMatchObject([{ runId }]);
  expect(jsonLines(other.out)[0]?.["runId"]).not.toBe(runId);
  expect(readFileSync(join(root, "ran.txt"), "utf8")).toBe("x\nx\n");
});

test("a key is refused for other tasks, and names the run it stands for", async () => {
  const root = folder({ "plan.json": planText({ a: "true" }) });
  const first = await mai(root, ["run", "plan.json", "--json", "--key", "k"]);
  writeFileSync(join(root, "plan.json"), planText({ a: "false" }));

  const other = await mai(root, ["run", "plan.json", "--json", "--key", "k"]);

  expect(other.code).toBe(4);
  expect(JSON.parse(other.err).error).toMatchObject({
    code: "run.key-used",
    message: expect.stringContaining(String(jsonLines(first.out)[0]?.["runId"])),
  });
});

test("a run whose engine died goes on in the background, by its key and by resume --detach", async () => {
  const root = folder({ "plan.json": planText({ a: "while [ ! -e go ]; do sleep 0.05; done" }) });
  const engine = startMai(root, ["run", "plan.json", "--json", "--key", "k"]);
  await engine.prints("attempt.started");
  engine.child.kill("SIGKILL");
  await engine.ended;

  const again = await mai(root, ["run", "plan.json", "--json", "--key", "k", "--detach"]);
  const resumed = await mai(root, ["resume", "--detach", "--json"]);
  writeFileSync(join(root, "go"), "");
  const [{ runId, log } = {}] = jsonLines(again.out);
  const watched = await mai(root, ["attach", String(runId)]);

  expect(log).toContain("engine.log");
  expect(jsonLines(resumed.out)).toEqual([{ runId, log }]);
  expect(watched.code).toBe(0);
});

test("a run that ends while it is to be continued in the background is no failure of whoever asks", async () => {
  const root = folder({ "plan.json": planText({ a: "true" }) });
  const [{ runId } = {}] = jsonLines((await mai(root, ["run", "plan.json", "--json", "--key", "k"])).out);
  const told = join(root, "told");
  const fd = openSync(told, "w");

  // As the process in the background finds it.
  const said = await mai(root, ["resume", String(runId), "--json"], { env: { MAI_RUN_ID_FD: String(fd) } });

  expect(said.code).toBe(0);
  expect(readFileSync(told, "utf8")).toBe(`${runId}\n`);
});
