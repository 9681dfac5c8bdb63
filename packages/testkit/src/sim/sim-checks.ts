/** Checks as processes of the simulated machine; how they end is decided by the seed and the attempt. */
import type { Check, Receipt } from "mai-orchestration-core";
import type { CheckContext, ClaimRef, RunCheck } from "mai-orchestration-engine";
import type { SimProcess } from "./sim-process.ts";

const hungMs = 600_000;

export function simRunCheck(process: SimProcess): RunCheck {
  return (check, context) =>
    process.port(`check of ${context.mark}`, () => runCheck(process, check, context), false);
}

function runCheck(process: SimProcess, check: Check, { mark, signal }: CheckContext): Promise<Receipt> {
  const { machine } = process;
  const claim = claimOf(mark);
  const random = machine.random.fork(`check ${check.command} of ${mark}`);
  const hangs = machine.fault(random, "checkHangs");
  const passes = !hangs && !machine.fault(random, "checkFails");
  const stopMs = random.pick([0, 1, random.int(2, 5_000)]);
  const durationMs = hangs ? hungMs : random.pick([0, 5, random.int(1, 20_000)]);
  const child = machine.startChild({ ...claim, kind: "check", agentId: "", worker: process.workerId });
  const at = machine.now();
  return new Promise((resolve) => {
    const end = (passed: boolean, exitCode: number | null): void => {
      if (!child.isAlive) return;
      signal.removeEventListener("abort", stop);
      machine.endChild(child, exitCode === null ? "stopped" : "done");
      machine.tell({ type: "check.ended", ...claim, command: check.command, passed });
      resolve({ ...receiptOf(check, passed, exitCode), at, durationMs: Math.max(0, machine.now() - at) });
    };
    const stop = (): void => {
      machine.after(stopMs, () => end(false, null));
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    machine.after(durationMs, () => end(passes, hangs ? null : passes ? 0 : 1));
  });
}

function receiptOf(
  check: Check,
  passed: boolean,
  exitCode: number | null,
): Omit<Receipt, "at" | "durationMs"> {
  const output = { outputDigest: "sha256:00", outputTail: passed ? "" : "it is wrong" };
  return { command: check.command, passed, exitCode, ...output, tree: null, treeChanged: false };
}

/** The simulated ids need no decoding. */
function claimOf(mark: string): ClaimRef {
  const [runId = "", taskId = "", attempt = ""] = mark.split("/");
  return { runId, taskId, attempt: Number(attempt) };
}
