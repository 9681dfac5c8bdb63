/** One test's own home, workspace and fake model, in which a real agent program does attempts. */

import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type AskingProgramOptions, backendAgent } from "mai-orchestration-agents";
import type { FarmTask, Usage } from "mai-orchestration-core";
import type { AgentOutcome, AgentReport } from "mai-orchestration-engine";
import {
  agentEnvironment,
  type FakeModel,
  type FakeScript,
  type InstalledProgram,
  markedProcesses,
  script,
  startFakeModel,
} from "mai-orchestration-testkit";
import { type Driver, modelOf } from "./driver.ts";

interface Asked {
  readonly steps: FakeScript;
  readonly options?: AskingProgramOptions;
  readonly attempt?: number;
  readonly sessionId?: string | null;
  readonly signal?: AbortSignal;
  readonly outputSchema?: FarmTask["outputSchema"];
}

export interface Done {
  readonly outcome: AgentOutcome;
  readonly reports: readonly AgentReport[];
  readonly mark: string;
  readonly outputFile: string;
  /** What the server said that this attempt's requests used. */
  readonly used: Pick<Usage, "inputTokens" | "outputTokens" | "cacheReadTokens">;
}

export interface Scene extends AsyncDisposable {
  readonly workspace: string;
  readonly home: string;
  readonly model: FakeModel;
  path(file: string): string;
  attempt(asked: Asked): Promise<Done>;
}

export async function openScene(driver: Driver, program: InstalledProgram): Promise<Scene> {
  // Not under the system's folder for temporary files, where Codex refuses to work.
  const base = join(homedir(), ".cache", "mai-orchestration-scenes");
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, "s-"));
  const [home, workspace] = [join(folder, "home"), join(folder, "work")];
  mkdirSync(home);
  mkdirSync(workspace);
  const model = await startFakeModel();
  const env = agentEnvironment(driver.program, model.url, home);
  let count = 0;
  return {
    workspace,
    home,
    model,
    path: (file) => join(workspace, file),
    async attempt({ steps, options = {}, attempt = 1, sessionId = null, signal, outputSchema }) {
      const from = model.requests.length;
      const modelName = modelOf(driver);
      const backend = driver.backend({
        executable: program.executable,
        ...(modelName !== undefined && { model: modelName }),
        ...options,
        env: { ...env, ...(driver.program === "claude" && { IS_SANDBOX: "1" }), ...options.env },
      });
      const task: FarmTask = {
        taskId: "task",
        type: "implementation",
        description: `Do as told. ${script(steps)}`,
        context: [],
        constraints: [],
        successCriteria: "It is done.",
        ...(outputSchema !== undefined && { outputSchema }),
      };
      const mark = `real-${randomUUID()}`;
      const outputFile = join(folder, `output-${count++}.jsonl`);
      const reports: AgentReport[] = [];
      const feedback = attempt === 1 ? null : "The check failed.";
      const agent = backendAgent({
        id: "agent",
        capabilities: ["implementation"],
        maxConcurrent: 1,
        prose: backend,
      });
      const outcome = await agent.run(
        { runId: "run", task, attempt, feedback, sessionId },
        {
          signal: signal ?? new AbortController().signal,
          workspace,
          root: workspace,
          outputFile,
          mark,
          report: (one) => void reports.push(one),
        },
      );
      return { outcome, reports, mark, outputFile, used: usedSince(model, from, driver) };
    },
    async [Symbol.asyncDispose]() {
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Claude's service counts what came from a cache apart; all others among what was read. */
function usedSince(model: FakeModel, from: number, driver: Driver): Done["used"] {
  const sum = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 };
  for (const { usage } of model.requests.slice(from)) {
    if (usage === null) continue;
    sum.inputTokens += usage.input - (driver.program === "claude" ? 0 : usage.cacheRead);
    sum.outputTokens += usage.output;
    sum.cacheReadTokens += usage.cacheRead;
  }
  return sum;
}

/** Waits until it is so. */
export async function until(holds: () => boolean, what: string, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !holds(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
}

export async function left(mark: string): Promise<readonly number[]> {
  return process.platform === "linux" ? markedProcesses(mark) : [];
}
