import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { claudeEnvironment, claudeVersion } from "mai-orchestration-testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mai-install-"));
  await mkdir(join(folder, "bin"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Puts an `npm` before the real one: a program that notes each call and installs a `claude` of that version. */
async function npmThatInstalls(version: string): Promise<void> {
  const npm = `#!/bin/sh
echo "$@" >> '${join(folder, "npm-calls")}'
mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho "${version} (Claude Code)"\\n' > node_modules/.bin/claude
chmod +x node_modules/.bin/claude
`;
  await putNpm(npm);
}

async function putNpm(content: string): Promise<void> {
  await writeFile(join(folder, "bin", "npm"), content);
  await chmod(join(folder, "bin", "npm"), 0o755);
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of its own that wants Claude Code. */
function wantClaude(variables: Record<string, string> = {}): Promise<Ended> {
  const program = join(import.meta.dirname, "support", "claude-or-null.ts");
  const path = join(folder, "bin") + delimiter + process.env["PATH"];
  const env = { ...process.env, CI: "", PATH: path, MAI_TEST_CACHE: join(folder, "cache"), ...variables };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=mai-source", program], { env });
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => {
      printed.stdout += text;
    });
    child.stderr.on("data", (text) => {
      printed.stderr += text;
    });
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, ...printed }));
  });
}

async function npmCalls(): Promise<readonly string[]> {
  return (await readFile(join(folder, "npm-calls"), "utf8")).trim().split("\n");
}

test("several processes that want it at the same time install it once, and nothing else stays in the cache", async () => {
  await npmThatInstalls(claudeVersion);

  const ended = await Promise.all([wantClaude(), wantClaude(), wantClaude()]);

  const cached = join(folder, "cache", `claude-code-${claudeVersion}`);
  const installed = { executable: join(cached, "node_modules", ".bin", "claude"), version: claudeVersion };
  expect(ended.map(({ stdout }) => JSON.parse(stdout))).toEqual([installed, installed, installed]);
  expect(await npmCalls()).toEqual([expect.stringContaining(`@anthropic-ai/claude-code@${claudeVersion}`)]);
  expect(await readdir(join(folder, "cache"))).toEqual([`claude-code-${claudeVersion}`]);
});

test("what does not run any more is installed anew", async () => {
  await npmThatInstalls(claudeVersion);
  await wantClaude();
  const executable = join(folder, "cache", `claude-code-${claudeVersion}`, "node_modules", ".bin", "claude");
  await writeFile(executable, "#!/bin/sh\nexit 1\n");

  const { stdout } = await wantClaude();

  expect(JSON.parse(stdout)).toEqual({ executable, version: claudeVersion });
  expect(await npmCalls()).toHaveLength(2);
});

test("a lock whose owner is dead does not stop the next", async () => {
  await npmThatInstalls(claudeVersion);
  await mkdir(join(folder, "cache"));
  await writeFile(join(folder, "cache", `claude-code-${claudeVersion}.lock`), String(await pidOfTheDead()));

  expect((await wantClaude()).exitCode).toBe(0);
  expect(await readdir(join(folder, "cache"))).toEqual([`claude-code-${claudeVersion}`]);
});

test.each([
  ["npm fails", "#!/bin/sh\necho 'no such registry' >&2\nexit 7\n", "no such registry"],
  ["npm installs nothing", "#!/bin/sh\nexit 0\n", "ENOENT"],
])("when %s, it is said loudly where tests may be left out, and CI fails", async (_, npm, reason) => {
  await putNpm(npm);

  const [atHome, inCi] = [await wantClaude(), await wantClaude({ CI: "true" })];

  expect(atHome).toMatchObject({ exitCode: 0, stdout: "null\n" });
  expect(atHome.stderr).toContain("!!! TESTS WITH THE REAL CLAUDE CODE ARE NOT RUN");
  expect(atHome.stderr).toContain(reason);
  expect(inCi.exitCode).not.toBe(0);
  expect(inCi.stderr).toContain(`Claude Code ${claudeVersion} cannot be had`);
  expect(await readdir(join(folder, "cache"))).toEqual([]);
});

test("another version than the pinned one is refused", async () => {
  await npmThatInstalls("9.9.9");

  expect((await wantClaude({ CI: "true" })).stderr).toContain("says that it is version 9.9.9");
});

test("a run against the fake model sees nothing of the user's settings and keys", () => {
  const environment = claudeEnvironment("http://127.0.0.1:1", "/some/home");

  expect(environment).toEqual({
    PATH: process.env["PATH"],
    HOME: "/some/home",
    CLAUDE_CONFIG_DIR: "/some/home/.claude",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_API_KEY: "fake",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_MAX_RETRIES: "2",
    DISABLE_AUTOUPDATER: "1",
  });
});

/** The number of a process that has ended and been reaped. */
function pidOfTheDead(): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn("true");
    child.on("close", () => resolve(child.pid ?? 0));
  });
}
