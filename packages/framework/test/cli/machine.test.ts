/** What a newcomer sees on machines with no agent program, one, and three. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folder, mai, planText } from "../support/test-io.ts";

const answer = `echo '{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}'
echo '{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"looked at it"}}'
echo '{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":0,"output_tokens":2}}'`;

const scripts: Readonly<Record<string, readonly [version: string, help: string, work: string]>> = {
  claude: ["2.1.330 (Claude Code)", "--output-format --verbose", "exit 1"],
  codex: ["codex-cli 0.169.0", "--json --skip-git-repo-check --config --model", answer],
  qwen: ["0.24.4", "--output-format", "exit 1"],
};

/** A folder with a plan that needs an agent, and the environment of a machine with these programs. */
function scene(programs: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const cwd = folder({ "plan.json": planText({ a: { type: "review" } }) });
  const home = folder();
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const name of programs) {
    const [version, help, work] = scripts[name] as (typeof scripts)[string];
    const script = `#!/bin/sh
case "$*" in
*--help*) echo "${help}" ;;
*--version*) echo "${version}" ;;
*) cat > /dev/null
${work} ;;
esac
`;
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  return { cwd, env: { HOME: home, PATH: `${bin}:/usr/bin:/bin`, ...variables } };
}

test("on a machine with no agent, every verb says what to install, and nothing is started", async () => {
  const { cwd, env } = scene([]);

  const agents = await mai(cwd, ["agents"], { env });
  const doctor = await mai(cwd, ["doctor"], { env });
  const dry = await mai(cwd, ["run", "plan.json", "--dry-run"], { env });
  const run = await mai(cwd, ["run", "plan.json"], { env });

  expect(agents.out).toMatch(/explore +not ready +5 +none found/);
  expect(agents.out).toMatch(/bash +ready +3 +command +commands/);
  expect(agents.out).toContain("Install one: npm install -g @anthropic-ai/claude-code (or @openai/codex,");
  expect(doctor.code).toBe(0);
  expect(doctor.out).toMatch(
    /! agents +no agent program is installed .*general-purpose, explore: can do nothing/,
  );
  expect(dry.out).not.toContain("as found on this machine");
  expect([dry.code, run.code]).toEqual([4, 4]);
  expect(run.err).toContain("Install one: npm install -g @anthropic-ai/claude-code");
});

test("on a machine with one agent, that one does it, and dry runs say so before", async () => {
  const { cwd, env } = scene(["codex"], { CODEX_API_KEY: "k" });

  const agents = await mai(cwd, ["agents"], { env });
  const doctor = await mai(cwd, ["doctor"], { env });
  const dry = await mai(cwd, ["run", "plan.json", "--dry-run"], { env });

  expect(agents.out).toMatch(/explore +ready +5 +codex \(explore\)/);
  expect(agents.out).toMatch(/codex +0\.169\.0 +logged in/);
  expect(agents.out).toContain("Agents without a `backend` use codex");
  expect(doctor.out).toMatch(/\+ codex +0\.169\.0 at .*, logged in; agents without a `backend` use it/);
  expect(dry).toMatchObject({ code: 0 });
  expect(dry.out).toContain("By codex, as found on this machine: general-purpose, explore.");
});

test("on a machine with three agents, the first that is logged in is used, and the others are no trouble", async () => {
  const { cwd, env } = scene(["claude", "codex", "qwen"], { CODEX_API_KEY: "k" });
  if (process.platform === "darwin") return; // A keychain may hold a login of the first.

  const agents = await mai(cwd, ["agents"], { env });
  const json = JSON.parse((await mai(cwd, ["agents", "--json"], { env })).out);
  const doctor = await mai(cwd, ["doctor"], { env });

  expect(agents.out).toMatch(/general-purpose +ready +5 +codex/);
  expect(agents.out).toMatch(/claude +2\.1\.330 +not logged in/);
  expect(json).toMatchObject({ found: "codex" });
  expect(
    json.programs.map(({ name, login }: { name: string; login: { state: string } | null }) => [
      name,
      login?.state,
    ]),
  ).toEqual([
    ["claude", "no"],
    ["codex", "yes"],
    ["opencode", undefined],
    ["gemini", undefined],
    ["qwen", "no"],
  ]);
  expect(doctor.out).toMatch(/\+ claude +2\.1\.330 at .*, not logged in; no agent uses it/);
  expect(doctor.out).not.toMatch(/^! (claude|codex|qwen|agents)/m);
});

test("an agent that is wanted and not logged in, or too old, is told with its remedy", async () => {
  const { cwd, env } = scene(["qwen"]);
  const entry = "{ id: reader, backend: qwen, capabilities: [review], max_concurrent: 1 }";
  writeFileSync(join(cwd, "mai.config.yaml"), `agents:\n  - ${entry}\n`);

  const { out, code } = await mai(cwd, ["doctor"], { env });

  expect(out).toMatch(/! qwen +0\.24\.4 at .*, not logged in/);
  expect(out).toContain("Run qwen and sign in, or set OPENAI_API_KEY");
  expect(out).toMatch(/! qwen +its help does not name --approval-mode,/);
  expect(out).toMatch(/x agents +qwen is not logged in; .*reader/);
  expect(code).toBe(1);
});

test("a backend of packages is missed by their names", async () => {
  const { cwd, env } = scene([]);
  const entry =
    "{ id: asker, backend: model, model: nobody-has-this/one, capabilities: [review], max_concurrent: 1 }";
  writeFileSync(join(cwd, "mai.config.yaml"), `agents:\n  - ${entry}\n`);

  const { out } = await mai(cwd, ["agents"], { env });

  expect(out).toContain(
    "@ai-sdk/nobody-has-this is not installed. Install it: npm install ai @ai-sdk/nobody-has-this",
  );
});

test("a task whose agent has no quota is done by its stand-in, and why says so", async () => {
  const { cwd, env } = scene([]);
  const script = (work: string): string => `#!/bin/sh\ncat > /dev/null\n${work}\n`;
  const limit = `echo '{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}'
echo '{"type":"turn.failed","error":{"message":"You have hit your usage limit. Try again in 2 hours."}}'
exit 1`;
  writeFileSync(join(cwd, "empty"), script(limit), { mode: 0o755 });
  writeFileSync(join(cwd, "full"), script(answer), { mode: 0o755 });
  writeFileSync(
    join(cwd, "mai.config.yaml"),
    `agents:
  - { id: general-purpose, backend: codex, executable: ./empty, fallback: [spare], max_concurrent: 1 }
  - { id: spare, backend: codex, executable: ./full, capabilities: [], max_concurrent: 1 }
`,
  );
  const pinned = { type: "review", agent: "general-purpose" };
  writeFileSync(join(cwd, "plan.json"), planText({ a: pinned, b: pinned, c: pinned }));

  const run = await mai(cwd, ["run", "plan.json"], { env });
  const why = await mai(cwd, ["why", "a"], { env });

  expect(run.code, run.err + run.out).toBe(0);
  expect(why.out).toMatch(/spare stands in for general-purpose, which has no quota: .*usage limit/);
  const events = (await mai(cwd, ["events", "--json"], { env })).out;
  expect(events.match(/"agentId":"general-purpose"/g)).toHaveLength(1);
});
