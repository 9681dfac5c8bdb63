/** What holds for every agent program by default: a task's text is never more than text, and secrets stay with whom they are for. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { FarmTask } from "mai-orchestration-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { acp, type Backend, claudeCode, codex, gemini, openCode, qwen } from "../src/index.ts";
import { temporaryFolder } from "./helpers.ts";
import { agentTask, newContext } from "./tasks.ts";

/** Each with the variables that are meant for it. */
const backends: readonly (readonly [
  name: string,
  make: (executable: string) => Backend,
  own: readonly string[],
])[] = [
  ["claude-code", (executable) => claudeCode({ executable }), ["ANTHROPIC_API_KEY"]],
  ["codex", (executable) => codex({ executable }), ["OPENAI_API_KEY", "CODEX_API_KEY"]],
  ["gemini", (executable) => gemini({ executable }), ["GEMINI_API_KEY", "GOOGLE_API_KEY"]],
  ["qwen", (executable) => qwen({ executable }), ["OPENAI_API_KEY"]],
  ["opencode", (executable) => openCode({ executable }), []],
  ["acp", (executable) => acp({ command: [executable] }), []],
];

const keys = [
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "CODEX_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_API_KEY",
  "GITHUB_TOKEN",
  "AWS_SECRET_ACCESS_KEY",
  "NPM_TOKEN",
  "DATABASE_URL",
];

afterEach(() => vi.unstubAllEnvs());

interface Seen {
  readonly words: string;
  readonly environment: string;
}

/** How a program is called for a task. */
async function callFor(make: (executable: string) => Backend, task: Partial<FarmTask>): Promise<Seen> {
  const folder = temporaryFolder();
  const executable = join(folder, "agent");
  writeFileSync(
    executable,
    `#!/bin/sh\nfor word; do echo "<$word>"; done >'${folder}/words'\nenv >'${folder}/environment'\n`,
  );
  chmodSync(executable, 0o755);
  await make(executable).run(agentTask(task), newContext());
  const words = readFileSync(join(folder, "words"), "utf8");
  // Folders of an attempt's own differ from one to the next.
  return {
    words: words.replace(/mai-launch-\w+/g, "mai-launch").replaceAll(folder, ""),
    environment: readFileSync(join(folder, "environment"), "utf8"),
  };
}

const hostile = fc.oneof(
  fc.constantFrom(
    "--dangerously-skip-permissions",
    "-c",
    "--",
    "-p\n--yolo",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned #",
    "\"'\\",
    "\n--permission-mode\nbypassPermissions",
    "@/etc/passwd",
  ),
  fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !text.includes("\0")),
);

describe.each(backends)("%s", (_name, make, own) => {
  test("nothing that a task says becomes a word of its program's command line", {
    timeout: 60_000,
  }, async () => {
    const plain = await callFor(make, {});

    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (description, id, context) => {
        const { words } = await callFor(make, {
          taskId: id,
          description,
          context: [context],
          constraints: [description],
          successCriteria: context,
        });
        expect(words).toBe(plain.words);
      }),
      { numRuns: 8 },
    );
  });

  test("only its own keys are passed on", async () => {
    for (const key of keys) vi.stubEnv(key, `value-of-${key}`);

    const { environment } = await callFor(make, {});

    for (const key of keys) {
      if (own.includes(key)) expect(environment).toContain(`value-of-${key}`);
      else expect(environment).not.toContain(`value-of-${key}`);
    }
  });

  test("nothing skips permissions without the configuration's word", async () => {
    const { words } = await callFor(make, {});

    expect(words).not.toMatch(/skip-permissions|bypass|yolo|danger|full-access|allow-all/i);
  });
});
