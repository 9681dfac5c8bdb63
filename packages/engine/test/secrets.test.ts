import type { Receipt } from "mai-orchestration-core";
import { noUsage } from "mai-orchestration-core";
import { expect, test } from "vitest";
import type { Agent, AgentOutcome } from "../src/index.ts";
import { receiptOf, taskOf, world } from "./support/world.ts";

const token = `${"ghp"}_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`;
const value = "hunter2-of-mine";

function agentThatSays(outcome: AgentOutcome): Agent {
  return {
    agentId: "teller",
    backend: "teller",
    capabilities: ["test"],
    maxConcurrent: 1,
    commands: false,
    prose: true,
    secrets: [value],
    maxAttemptsFor: () => 1,
    async run(_task, { report }) {
      report({ message: `working with ${token} and ${value}` });
      return outcome;
    },
  };
}

const said = {
  output: `the key is ${token}, the word ${value}, the task's own t4sk-secret-9`,
  issues: [`denied: use of ${token}`],
  structuredOutput: { keys: [token], about: value },
  usage: noUsage,
};

test("no secret of an answer, a message or a receipt reaches the journal", async () => {
  const tail = `seen ${token} and ${value}`;
  const kept: (readonly Receipt[])[] = [];
  const { submit, drive, journal, state } = world({
    agents: [],
    others: [agentThatSays({ type: "answered", ...said })],
    runCheck: async (check) => receiptOf(check.command, true, tail),
    workplace: {
      prepare: async ({ root }) => ({
        root,
        workspace: root,
        outputFile: "",
        own: {
          isolated: false,
          failsOnBase: async () => null,
          finish: async ({ receipts }) => {
            kept.push(receipts);
            return null;
          },
        },
      }),
    },
  });
  await submit([taskOf("a", { verify: [{ command: "check" }], env: { MY_TOKEN: "t4sk-secret-9" } })]);

  await drive();

  const facts = JSON.stringify((await journal()).filter(({ type }) => type !== "task.queued"));
  for (const secret of [token, value, "t4sk-secret-9"]) expect(facts).not.toContain(secret);
  expect(JSON.stringify(kept)).not.toContain(token);
  expect((await state("a")).answer).toMatchObject({
    output: `the key is [redacted]${"*".repeat(30)}, the word [redacted]*****, the task's own [redacted]***`,
    structuredOutput: { about: "[redacted]*****" },
  });
});

test("no secret of a failure reaches the journal, or the next attempt", async () => {
  const failure = { type: "failed", kind: "task", reason: `cannot log in with ${token}`, ...said } as const;
  const { submit, drive, journal } = world({ agents: [], others: [agentThatSays(failure)] });
  await submit([taskOf("a", { retry: { maxAttempts: 2, backoff: 1 } })]);

  await drive();

  const facts = JSON.stringify(await journal());
  expect(facts).not.toContain(token);
  expect(facts).not.toContain(value);
  expect(facts).toContain("cannot log in with [redacted]");
});

test("what an attempt printed is gone through before its outcome is known, with the values of its agent", async () => {
  const asked: unknown[] = [];
  const scene = world({
    agents: [],
    others: [agentThatSays({ type: "answered", ...said })],
    workplace: {
      prepare: async ({ root }) => ({ root, workspace: root, outputFile: "/logs/1.log" }),
      hideSecrets: async (file, values) => void asked.push([file, values, scene.ended.length]),
    },
  });
  await scene.submit([taskOf("a")]);

  await scene.drive();

  expect(asked).toEqual([["/logs/1.log", [value], 0]]);
});

test("a disk that refuses does not cost the answer, and it is told", async () => {
  const { submit, drive, journal, state } = world({
    agents: [],
    others: [agentThatSays({ type: "answered", ...said })],
    workplace: {
      prepare: async ({ root }) => ({ root, workspace: root, outputFile: "/logs/1.log" }),
      hideSecrets: () => Promise.reject(new Error("read-only file system")),
    },
  });
  await submit([taskOf("a")]);

  await drive();

  expect((await state("a")).end?.verdict).toBe("unverified");
  expect(JSON.stringify(await journal())).toContain(
    "secrets in /logs/1.log could not be hidden: read-only file system",
  );
});
