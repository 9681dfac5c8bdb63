import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMaiError } from "mai-orchestration-core";
import { checkAgents } from "mai-orchestration-core/plan";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { capacityOf } from "../../src/config/agent-setting.ts";
import { findRoot } from "../../src/config/find-root.ts";
import { type Config, loadConfig } from "../../src/config/load-config.ts";

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "mai-config-")));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function configOf(text: string, name = "mai.config.yaml"): Promise<Config> {
  await writeFile(join(folder, name), text);
  return await loadConfig(folder);
}

async function refusal(text: string): Promise<string> {
  const error = await configOf(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isMaiError(error)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe("config.invalid");
  return error.message.replaceAll(/^.*mai\.config/gmu, "mai.config");
}

const defaults = [
  {
    agentId: "general-purpose",
    capabilities: ["implementation", "test", "review", "research"],
    maxConcurrent: 5,
  },
  { agentId: "bash", capabilities: ["implementation", "test"], maxConcurrent: 3 },
  { agentId: "explore", capabilities: ["research", "review"], maxConcurrent: 5 },
];

describe("without a file", () => {
  test("the three default agents stand, on the machine's own backend", async () => {
    await mkdir(join(folder, ".git"));

    const config = await loadConfig(folder);

    expect(config).toMatchObject({ file: null, store: null, parallel: null, agents: defaults });
    expect(config.agents.map(({ backend }) => backend)).toEqual([null, null, null]);
    expect(config.agents.map(({ profile }) => profile)).toEqual(["general-purpose", "bash", "explore"]);
    expect(config.agents.map(({ commands }) => commands)).toEqual([false, true, false]);
    // A shell to which no command is allowed could do nothing in prose.
    expect(config.agents.map(({ prose }) => prose)).toEqual([true, false, true]);
    expect(config.agents.map(({ permissions }) => permissions)).toEqual([
      "accept-edits",
      "accept-edits",
      "read-only",
    ]);
  });
});

describe("a configuration", () => {
  test.each([
    ["allow: [npm test]", true],
    ["permissions: full", true],
    ["max_concurrent: 2", false],
  ])("the shell agent does prose once commands are allowed to it: %s", async (line, prose) => {
    await mkdir(join(folder, ".git"));

    const { agents } = await configOf(`agents: [{ id: bash, ${line} }]`);

    expect(agents.find(({ agentId }) => agentId === "bash")).toMatchObject({ prose, commands: true });
  });

  test("changes of a default agent only what it names", async () => {
    const { agents } = await configOf(`agents:
  - { id: explore, backend: codex, model: small, max_concurrent: 2 }
  - { id: bash, backend: command, capabilities: [test], max_concurrent: 8 }
`);

    expect(agents).toHaveLength(3);
    expect(agents[2]).toMatchObject({
      ...defaults[2],
      maxConcurrent: 2,
      options: { model: "small" },
      backend: "codex",
      profile: "explore",
    });
    expect(agents[1]).toMatchObject({
      agentId: "bash",
      capabilities: ["test"],
      maxConcurrent: 8,
      backend: "command",
    });
    expect(agents[1]).toMatchObject({ commands: true, prose: false });
  });

  test("adds agents of its own behind the defaults", async () => {
    const { agents } = await configOf(`agents:
  - id: reviewer
    backend: claude-code
    capabilities: [review]
    max_concurrent: 1
    permissions: full
    allow: ["git diff *"]
    env: { LEVEL: "2" }
    executable: /opt/claude
`);

    expect(agents.slice(3)).toEqual([
      {
        agentId: "reviewer",
        backend: "claude-code",
        capabilities: ["review"],
        maxConcurrent: 1,
        commands: false,
        prose: true,
        profile: "general-purpose",
        permissions: "full",
        allow: ["git diff *"],
        env: { LEVEL: "2" },
        sandbox: null,
        fallback: [],
        options: { executable: "/opt/claude" },
        made: null,
      },
    ]);
  });

  test("resolves its store beside itself, wherever it was looked for from", async () => {
    await configOf("store: state/mai.db\nparallel: 7\n");
    await mkdir(join(folder, "a", "b"), { recursive: true });

    expect(await loadConfig(join(folder, "a", "b"))).toMatchObject({
      file: join(folder, "mai.config.yaml"),
      store: join(folder, "state", "mai.db"),
      parallel: 7,
    });
  });

  test("is not looked for above the git top level", async () => {
    await configOf("parallel: 7\n");
    await mkdir(join(folder, "repository", "sub"), { recursive: true });
    await writeFile(join(folder, "repository", ".git"), "gitdir: ../elsewhere\n");

    expect(await loadConfig(join(folder, "repository", "sub"))).toMatchObject({ file: null, parallel: null });
  });

  test.each(["mai.config.yml", "mai.config.json"])("may be called %s", async (name) => {
    expect(await configOf('{"parallel": 3}', name)).toMatchObject({ parallel: 3 });
  });

  test.each(["", "# all defaults\n", "{}", "agents: []"])("may say nothing: %j", async (text) => {
    expect(await configOf(text)).toMatchObject({ agents: defaults });
  });

  test("can make a plan's task impossible, which is seen before anything starts", async () => {
    const { agents } = await configOf("agents: [{ id: bash, backend: claude-code }]");
    const task = {
      taskId: "t",
      type: "test",
      description: "d",
      context: [],
      constraints: [],
      successCriteria: "s",
      command: "true",
    } as const;

    const problems = checkAgents([{ ...task, context: [], constraints: [] }], agents.map(capacityOf));

    expect(problems.map(({ code }) => code)).toEqual(["plan.no-agent"]);
  });
});

describe("a bad configuration", () => {
  test("is refused with every mistake named by file, line and column", async () => {
    const message = await refusal(`paralel: 2
tasks: []
agents:
  - { id: bash, max_concurent: 4 }
  - { id: bash, capabilities: [build] }
  - { id: fast, backend: claude-code }
  - { id: shell, backend: command, capabilities: [test], max_concurrent: 1, model: big }
  - { id: explore, executable: /opt/claude, permissions: yolo }
  - { id: other, backend: codex, capabilities: [test], max_concurrent: 1, allow: [npm test] }
  - { id: talker, backend: acp, capabilities: [test], max_concurrent: 1 }
`);

    expect(message.split("\n")).toEqual([
      "mai.config.yaml:1:1: unknown key `paralel`; did you mean `parallel`?",
      "mai.config.yaml:2:1: unknown key `tasks`",
      "mai.config.yaml:4:17: unknown key `max_concurent`; did you mean `max_concurrent`?",
      "mai.config.yaml:5:11: the agent `bash` is described twice",
      'mai.config.yaml:5:32: `capabilities[0]` must be `implementation`, `test`, `review` or `research`, but is "build"',
      "mai.config.yaml:6:5: agent `fast` lacks `capabilities`, `max_concurrent`",
      "mai.config.yaml:7:77: `model` means nothing for the backend `command`",
      "mai.config.yaml:8:20: `executable` means nothing without `backend`",
      'mai.config.yaml:8:58: `permissions` must be `read-only`, `accept-edits` or `full`, but is "yolo"',
      "mai.config.yaml:9:75: `allow` means nothing for the backend `codex`",
      "mai.config.yaml:10:5: the backend `acp` needs `agent` or `command`",
    ]);
  });

  test.each([
    ["not YAML", "agents: [", "not valid YAML"],
    ["a list", "- a", "must be keys with values"],
    ["no number", "parallel: .nan", "`parallel` must be a whole number"],
    ["nothing at all for a key", "agents:\n", "`agents` must be a list, but is empty"],
  ])("is refused when it is %s", async (_what, text, message) => {
    expect(await refusal(text)).toContain(message);
  });

  test("is refused when two files stand side by side", async () => {
    await writeFile(join(folder, "mai.config.json"), "{}");

    expect(await refusal("{}")).toContain("mai.config.json stand side by side");
  });

  test("is refused when a directory bears its name", async () => {
    await mkdir(join(folder, "mai.config.yaml"));

    await expect(loadConfig(folder)).rejects.toMatchObject({ code: "config.invalid" });
  });
});

describe("findRoot", () => {
  test("is the git top level, be `.git` a directory or a file", async () => {
    await mkdir(join(folder, "a", ".git"), { recursive: true });
    await mkdir(join(folder, "a", "b", "linked", "c"), { recursive: true });
    await writeFile(join(folder, "a", "b", "linked", ".git"), "gitdir: elsewhere\n");

    expect(await findRoot(join(folder, "a", "b"))).toBe(join(folder, "a"));
    expect(await findRoot(join(folder, "a", "b", "linked", "c"))).toBe(join(folder, "a", "b", "linked"));
  });

  test("is the folder itself outside git", async () => {
    await mkdir(join(folder, "a"));

    expect(await findRoot(join(folder, "a"))).toBe(join(folder, "a"));
  });
});

test("messages name the file as somebody in the given folder would", async () => {
  await writeFile(join(folder, "mai.config.yaml"), "nonsense: 1\n");
  await mkdir(join(folder, "inner"));

  const from = (cwd: string): Promise<unknown> =>
    loadConfig(folder, cwd).catch((error: Error) => error.message);

  expect(await from(folder)).toMatch(/^mai\.config\.yaml:1:1: /);
  expect(await from(join(folder, "inner"))).toMatch(/^\.\.\/mai\.config\.yaml:1:1: /);
});
