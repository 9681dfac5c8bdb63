/** A small git repository in which the real Claude Code works for the fake model, driven as a user drives it. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ClaudeCodeOptions } from "mai-orchestration-agents";
import { checkAgents } from "mai-orchestration-core/plan";
import { systemClock } from "mai-orchestration-engine";
import {
  agentsFrom,
  capacityOf,
  type Execution,
  loadConfig,
  parsePlanText,
  type StartRunInput,
  startRun,
} from "mai-orchestration-framework";
import { openSqliteStore } from "mai-orchestration-sqlite";
import {
  claudeEnvironment,
  type FakeModel,
  type InstalledClaude,
  startFakeModel,
} from "mai-orchestration-testkit";
import { expect } from "vitest";

export interface ClaudeProject extends AsyncDisposable {
  /** The repository, absolute. */
  readonly root: string;
  readonly model: FakeModel;
  readonly store: StartRunInput["store"];
  /** What every agent of the project has in common, for agents that are made in programs. */
  readonly claudeOptions: Pick<ClaudeCodeOptions, "executable" | "env" | "model">;
  /** Opens the project's store once more, as another process would. */
  openStore(): StartRunInput["store"];
  /** The arguments with which a plan's text is started. */
  prepare(plan: string): Promise<StartRunInput>;
  start(plan: string): Promise<Execution>;
  /** A file's text; `null` where there is none. */
  read(file: string): string | null;
}

/** Files of the repository, by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** Goes away with its scope. Everything an agent could find of its user (home, settings, keys) is made up. */
export async function openProject(claude: InstalledClaude, files: ProjectFiles): Promise<ClaudeProject> {
  const folder = mkdtempSync(join(tmpdir(), "mai-real-"));
  const root = join(folder, "project");
  const home = join(folder, "home");
  mkdirSync(home);
  const model = await startFakeModel();
  const claudeOptions = {
    executable: claude.executable,
    env: claudeEnvironment(model.url, home),
    model: "claude-sonnet-4-5",
  };
  const config = JSON.stringify({ agents: agentSettings(claudeOptions) });
  makeRepository(root, { ...files, "mai.config.json": config });
  const openStore = (): StartRunInput["store"] =>
    openSqliteStore({ path: join(root, ".mai", "mai.db"), clock: systemClock });
  const store = openStore();

  const prepare = async (text: string): Promise<StartRunInput> => {
    const { plan } = parsePlanText(text, "plan.yaml");
    const { agents } = await loadConfig(root);
    expect(checkAgents(plan.tasks, agents.map(capacityOf))).toEqual([]);
    const { tasks, name, parallel, failFast, timeoutMs } = plan;
    return { store, agents: agentsFrom(agents), name, tasks, root, parallel, failFast, timeoutMs };
  };
  return {
    ...{ root, model, store, claudeOptions, openStore, prepare },
    start: async (text) => startRun(await prepare(text)),
    read: (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : null),
    async [Symbol.asyncDispose]() {
      await store.close();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function agentSettings(options: ClaudeProject["claudeOptions"]): object[] {
  const claude = { backend: "claude-code", ...options };
  return [
    { id: "general-purpose", ...claude },
    { id: "bash", ...claude, allow: ["*"] },
    { id: "explore", ...claude },
    // A `bash` with a backend of its own runs no commands.
    { id: "shell", backend: "command", capabilities: ["test"], max_concurrent: 2 },
  ];
}

function makeRepository(root: string, files: ProjectFiles): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...identity, "commit", "-q", "-m", "First"],
  ]) {
    execFileSync("git", args, { cwd: root });
  }
}

/** The processes that carry the mark of an attempt of the run. Linux only. */
export function processesOfRun(runId: string): { readonly pid: string; readonly mark: string }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
      return variables
        .filter((variable) => variable.startsWith(`MAI_MARK=${runId}/`))
        .map((variable) => ({ pid, mark: variable.slice("MAI_MARK=".length) }));
    } catch {
      // Ended meanwhile, or somebody else's.
      return [];
    }
  });
}
