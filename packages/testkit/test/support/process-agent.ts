/** A small agent whose attempts are processes: enough of one to prove that the suite sees processes, output and prompts. */
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import type { FarmTask } from "mai-orchestration-core";
import { noUsage } from "mai-orchestration-core";
import type { Agent, AgentContext, AgentOutcome } from "mai-orchestration-engine";
import type { AgentHarness, AgentTraits, Trouble, WantedBehaviour } from "mai-orchestration-testkit/suites";

/** What it does wrong. */
export interface Faults {
  /** A process of its own session is left behind. */
  readonly leaks?: boolean;
  readonly unmarked?: boolean;
  /** All that was printed becomes the output. */
  readonly keepsAll?: boolean;
}

export function processHarness(faults: Faults = {}): AgentHarness {
  return {
    agent: processAgent(faults),
    taskThat: (wanted) => ({ ...emptyTask, command: commandFor(wanted) }),
    whenAtWork: null,
    close: async () => {},
  };
}

const emptyTask: FarmTask = {
  taskId: "t",
  type: "test",
  description: "The end.",
  context: [],
  constraints: [],
  successCriteria: "",
};

function commandFor(wanted: WantedBehaviour): string {
  switch (wanted.type) {
    case "answer":
      // The end of the description must come through.
      return "tail -n 1 | grep -q 'The end.' && echo done";
    case "fail":
      return "exit 3";
    case "wait":
      return "trap '' TERM; while :; do sleep 1; done";
    case "print":
      return `head -c ${wanted.bytes} /dev/zero`;
    case "trouble":
      return troubled[wanted.trouble] ?? "exit 3";
  }
}

const noModel = "a shell command has no model";
const noProtocol = "whatever a shell command prints is its output";

export const shellCannot: AgentTraits["cannot"] = {
  nonsense: noProtocol,
  "half-line": noProtocol,
  lingering: "a shell command answers by its end",
  denied: "a shell command is refused nothing",
  quota: noModel,
  "no-login": noModel,
  overload: noModel,
  "network-drop": noModel,
  refused: noModel,
};

const troubled: Readonly<Partial<Record<Trouble, string>>> = {
  garbage: "echo '}{'; echo; echo done",
  "split-lines": "printf 'd\\303'; sleep 0.1; printf '\\244ne\\n'",
  "invalid-utf8": "printf 'd\\377ne\\n'",
  "long-line": "head -c 5000000 /dev/zero; echo; echo done",
  silence: "while :; do sleep 1; done",
  "sudden-death": "kill -KILL $$",
  "deaf-stdin": "exec </dev/null; echo done",
};

function processAgent(faults: Faults): Agent {
  return {
    agentId: "process",
    backend: "command",
    capabilities: ["test"],
    maxConcurrent: 2,
    commands: true,
    prose: false,
    maxAttemptsFor: () => 1,
    run: ({ task }, context) => runCommand(task, context, faults),
  };
}

function runCommand(task: FarmTask, context: AgentContext, faults: Faults): Promise<AgentOutcome> {
  const leak = faults.leaks ? "setsid sleep 60 </dev/null >/dev/null 2>&1 & " : "";
  const mark = faults.unmarked ? {} : { MAI_MARK: context.mark };
  const fail = (reason: string): AgentOutcome => ({
    type: "failed",
    reason,
    kind: "task",
    output: "",
    usage: noUsage,
  });
  if (context.signal.aborted) return Promise.resolve(fail("aborted"));
  return new Promise((resolve) => {
    const log = createWriteStream(context.outputFile);
    const child = spawn("sh", ["-c", leak + (task.command ?? "")], {
      cwd: context.workspace,
      detached: true,
      env: { PATH: process.env["PATH"] ?? "", ...mark },
    });
    let kept = Buffer.alloc(0);
    child.stdout.on("data", (chunk: Buffer) => {
      log.write(chunk);
      if (faults.keepsAll || kept.length + chunk.length <= 64 * 1024) kept = Buffer.concat([kept, chunk]);
    });
    const stop = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    context.signal.addEventListener("abort", stop);
    child.stdin.on("error", () => {});
    child.stdin.end(`${task.description}\n`);
    child.on("error", (error) => resolve(fail(error.message)));
    child.on("close", (code) => {
      context.signal.removeEventListener("abort", stop);
      log.end();
      if (code !== 0) resolve(fail(`exit ${code}`));
      else resolve({ type: "answered", output: kept.toString(), usage: noUsage });
    });
  });
}
