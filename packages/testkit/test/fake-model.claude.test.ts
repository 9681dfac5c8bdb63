import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FakeModel } from "mai-orchestration-testkit";
import { claudeEnvironment, claudeOrNull, script, startFakeModel } from "mai-orchestration-testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const claude = await claudeOrNull();

describe.skipIf(claude === null)("the real Claude Code on the fake model", () => {
  let model: FakeModel;
  let folder: string;
  let workspace: string;

  beforeEach(async () => {
    model = await startFakeModel();
    folder = await mkdtemp(join(tmpdir(), "mai-claude-"));
    workspace = join(folder, "workspace");
    await mkdir(workspace);
  });

  afterEach(async () => {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  });

  interface Ended {
    readonly exitCode: number | null;
    /** The last line: what Claude says of the whole run. */
    readonly result: Readonly<Record<string, unknown>>;
    readonly printed: string;
  }

  /** Gives Claude a prompt and waits for its end. */
  function ask(prompt: string, ...more: string[]): Promise<Ended> {
    const args = [
      "-p",
      "--output-format",
      "stream-json",
      "--verbose",
      "--permission-mode",
      "acceptEdits",
      ...more,
    ];
    const env = claudeEnvironment(model.url, join(folder, "home"));
    return new Promise((resolve, reject) => {
      const child = spawn(claude?.executable ?? "", args, {
        cwd: workspace,
        env,
        stdio: ["pipe", "pipe", "inherit"],
      });
      let printed = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
      child.on("error", reject);
      child.on("close", (exitCode) => {
        const last = printed.trimEnd().split("\n").at(-1) ?? "";
        const result = last.startsWith("{") ? (JSON.parse(last) as Record<string, unknown>) : {};
        resolve({ exitCode, result, printed });
      });
      child.stdin.on("error", reject);
      child.stdin.end(prompt);
    });
  }

  const write = (name: string, content: string): { tool: string; input: Record<string, string> } => {
    return { tool: "Write", input: { file_path: join(workspace, name), content } };
  };

  test("writes a file with its own tool and says what the script says", async () => {
    const steps = [
      { text: "I write.", ...write("made.txt", "by claude\n"), usage: { input: 120, output: 30 } },
      { text: "All done." },
    ];

    const { exitCode, result } = await ask(`Make a file. ${script(steps)}`);

    expect(result).toMatchObject({
      type: "result",
      subtype: "success",
      is_error: false,
      result: "All done.",
    });
    expect(exitCode).toBe(0);
    expect(await readFile(join(workspace, "made.txt"), "utf8")).toBe("by claude\n");
    expect(model.requests.map(({ kind, step }) => [kind, step])).toEqual([
      ["step", 0],
      ["step", 1],
    ]);
  });

  test("behaves as the attempt that its prompt names, also in a resumed session", async () => {
    const attempts = script({
      attempts: [
        [write("made.txt", "wrong\n"), { text: "First." }],
        [write("repaired.txt", "right\n"), { text: "Second." }],
      ],
    });

    const first = await ask(`Make a file. ${attempts}`);
    const resume = ["--resume", String(first.result["session_id"])];
    const second = await ask("Attempt 2\n\nThe check failed.", ...resume);
    const fresh = await ask(`Make a file. ${attempts}\n\nAttempt 2\n\nThe check failed.`);

    expect([first, second, fresh].map(({ result }) => result["result"])).toEqual([
      "First.",
      "Second.",
      "Second.",
    ]);
    expect(await readFile(join(workspace, "repaired.txt"), "utf8")).toBe("right\n");
  });

  test("meets an error until its first attempt has ended", async () => {
    const steps = script([{ error: 529, whileAttempt: 1, text: "Overloaded no more." }]);

    const first = await ask(`Go. ${steps}`);
    const second = await ask(`Go. ${steps}\n\nAttempt 2`);
    const resumed = await ask("Attempt 2\n\nGo on.", "--resume", String(first.result["session_id"]));

    expect(first.result).toMatchObject({ is_error: true, api_error_status: 529 });
    expect(first.exitCode).toBe(1);
    for (const { result } of [second, resumed]) {
      expect(result).toMatchObject({ is_error: false, result: "Overloaded no more." });
    }
  });

  test("does not obey a script in a file that it reads", async () => {
    await writeFile(join(workspace, "plan.md"), script([{ text: "Stolen." }]));
    const steps = [{ tool: "Read", input: { file_path: join(workspace, "plan.md") } }, { text: "Mine." }];

    const { result } = await ask(`Read the plan. ${script(steps)}`);

    expect(result["result"]).toBe("Mine.");
  });

  test("starts a sub-agent that follows the script in its own prompt", async () => {
    const prompt = `Do your part. ${script([write("part.txt", "by the sub-agent\n"), { text: "Part done." }])}`;
    const steps = [
      {
        tool: "Agent",
        input: { description: "a part", prompt, subagent_type: "general-purpose", run_in_background: false },
      },
      { text: "Whole done." },
    ];

    const { result } = await ask(`Delegate. ${script(steps)}`, "--allowedTools", "Agent");

    expect(result["result"]).toBe("Whole done.");
    expect(await readFile(join(workspace, "part.txt"), "utf8")).toBe("by the sub-agent\n");
  });

  test("goes on with the script after its conversation was compacted", async () => {
    const first = await ask(`Begin. ${script([{ text: "Begun." }, { text: "Continued." }])}`);
    const resume = ["--resume", String(first.result["session_id"])];

    await ask("/compact", ...resume);
    const { result } = await ask("Go on.", ...resume);

    expect(model.requests.map(({ kind }) => kind)).toContain("summary");
    expect(result["result"]).toBe("Continued.");
  });

  test("says that its run failed when the script is none", async () => {
    const { exitCode, result } = await ask('Go. <<FAKE [{"txet": "a"}] FAKE>>');

    expect(exitCode).toBe(1);
    expect(String(result["result"])).toContain("unknown field txet");
  });
});
