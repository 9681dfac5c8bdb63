import { claudeCodeAgent } from "mai-orchestration-agents";
import { type JournalEntry, noUsage, resultOf } from "mai-orchestration-core";
import { resumeRun, startRun } from "mai-orchestration-framework";
import { claudeOrNull } from "mai-orchestration-testkit";
import { describe, expect, test } from "vitest";
import { planText, usageOf } from "./support/claude-plan.ts";
import { type ClaudeProject, openProject, processesOfRun } from "./support/claude-project.ts";
import { bash, hangingShell } from "./support/claude-tasks.ts";

const claude = await claudeOrNull();
const files = { "README.md": "A project.\n" };

describe.skipIf(claude === null)("how runs of the real Claude Code end badly", () => {
  const open = (): Promise<ClaudeProject> => {
    if (claude === null) throw new Error("skipped without Claude Code");
    return openProject(claude, files);
  };

  test("without a login a task fails at once, and its reason says how to log in", async () => {
    await using project = await open();
    const plan = planText({ defaults: { agent: "general-purpose", retry: { max_attempts: 3 } } }, [
      { id: "refused", type: "implementation", script: [{ error: 401 }] },
    ]);

    const { runId, finished } = await project.start(plan);
    await finished;
    const [task] = await project.store.tasks({ runId });

    expect(task && resultOf(task)).toMatchObject({
      verdict: "failed",
      attempts: 1,
      reason: expect.stringMatching(/401.*; log in \(run claude, then \/login\) or set ANTHROPIC_API_KEY$/),
      usage: noUsage,
    });
    const [failed] = ofType(await project.store.journal(0, { runId }), "attempt.failed");
    expect(failed).toMatchObject({ kind: "login", counted: false });
  });

  test("an agent's limits of turns and money end attempts, and what they cost is known", async () => {
    await using project = await open();
    const turn = bash("ls");
    const steps = [turn, turn, { text: "Never said." }];
    const costly = { ...turn, usage: { input: 500_000, output: 10 } };
    const { agents: _, ...input } = await project.prepare(
      planText({ defaults: { retry: { max_attempts: 1 } } }, [
        { id: "long", type: "implementation", script: steps },
        { id: "dear", type: "research", script: [costly, costly, { text: "Never said." }] },
      ]),
    );
    const limited = { ...project.claudeOptions, maxConcurrent: 1 };
    const agents = [
      claudeCodeAgent({ ...limited, id: "brief", capabilities: ["implementation"], maxTurns: 2 }),
      claudeCodeAgent({ ...limited, id: "thrifty", capabilities: ["research"], maxBudgetUsd: 1 }),
    ];

    const { runId, finished } = await startRun({ ...input, agents });
    await finished;
    const [long, dear] = (await project.store.tasks({ runId })).map(resultOf);

    expect(long).toMatchObject({ verdict: "failed", reason: "Reached maximum number of turns (2)" });
    expect(long?.usage).toMatchObject({ inputTokens: 2000, outputTokens: 100 });
    expect(dear).toMatchObject({ verdict: "failed", reason: "Reached maximum budget ($1)" });
    expect(dear?.usage?.costUsd).toBeCloseTo(usageOf([costly]).costUsd ?? Number.NaN, 9);
  });

  test("cancelled by another process, a run ends with none of its processes alive", async () => {
    await using project = await open();
    const hang = (id: string): readonly object[] => [bash(`echo > ${id}.txt; ${hangingShell}`)];
    const plan = planText({ parallel: 2, defaults: { agent: "bash" } }, [
      { id: "one", type: "test", script: hang("one") },
      { id: "two", type: "test", script: hang("two") },
      { id: "waiting", type: "test", script: hang("waiting") },
    ]);
    const { runId, finished } = await project.start(plan);
    await until(() => project.read("one.txt") !== null && project.read("two.txt") !== null);

    const other = project.openStore();
    await other.cancel(runId, "asked by a person");
    await other.close();
    const end = await finished;

    expect(processesOfRun(runId)).toEqual([]);
    expect(end).toMatchObject({ type: "finished", verdict: "cancelled" });
    const journal = await project.store.journal(0, { runId });
    expect(
      ofType(journal, "task.cancelled")
        .map(({ taskId, attempt, reason }) => [taskId, attempt, reason])
        .sort(),
    ).toEqual([
      ["one", 1, "asked by a person"],
      ["two", 1, "asked by a person"],
      ["waiting", 0, "asked by a person"],
    ]);
    expect(journal.at(-1)?.type).toBe("run.finished");
    expect(project.read("waiting.txt")).toBeNull();
  });

  test("an interrupted run goes on in the session it had, which is told so", async () => {
    await using project = await open();
    const plan = planText({ defaults: { agent: "bash" } }, [
      {
        id: "patient",
        type: "test",
        script: {
          attempts: [
            [bash(`echo > begun.txt; ${hangingShell}`)],
            [bash("echo done > ended.txt"), { text: "Ended after all." }],
          ],
        },
        more: { verify: ["grep -q done ended.txt"] },
      },
    ]);
    const input = await project.prepare(plan);
    const first = await startRun(input);
    const { runId } = first;
    await until(() => project.read("begun.txt") !== null);

    await first.interrupt("Ctrl-C");
    expect(await first.finished).toEqual({ type: "interrupted" });
    expect(processesOfRun(runId)).toEqual([]);
    const second = await resumeRun({ ...input, runId });

    expect(await second.finished).toMatchObject({ type: "finished", verdict: "verified" });
    const journal = await project.store.journal(0, { runId });
    const [lost] = ofType(journal, "attempt.lost");
    const sessions = ofType(journal, "attempt.progressed").flatMap(({ attempt, sessionId }) =>
      sessionId === null ? [] : [[attempt, sessionId]],
    );
    expect(lost).toMatchObject({ attempt: 1, counted: false });
    expect(sessions).toEqual([
      [1, expect.stringMatching(/^[0-9a-f-]{36}$/)],
      [2, sessions[0]?.[1]],
    ]);
    const told = project.model.requests.find(({ attempt }) => attempt === 2);
    expect(told?.prompt).toContain("## Attempt 2\n\nYour earlier attempt was interrupted.");
  });
});

function ofType<Type extends JournalEntry["type"]>(
  journal: readonly JournalEntry[],
  type: Type,
): Extract<JournalEntry, { readonly type: Type }>[] {
  return journal.filter((entry) => entry.type === type) as never;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
