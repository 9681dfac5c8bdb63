/** The checks of an attempt that has answered, until their receipts stand for what it left. */
import { type Check, invariant, type Receipt } from "mai-orchestration-core";
import type { Outcome } from "../ports/store.ts";
import type { Place } from "../ports/workplace.ts";
import type { AttemptPorts } from "./attempt.ts";
import { feedbackOf } from "./feedback.ts";
import { markOf } from "./mark.ts";
import type { Running } from "./running.ts";
import { stopOutcome, takenOver } from "./stop-outcome.ts";

/** How often a check may find that the tree changed under it before the attempt fails for that. */
const mostRounds = 3;

/** How the checks ended. */
export interface Verified {
  readonly outcome: Outcome;
  /** In the order they came, those that are void too. */
  readonly receipts: readonly Receipt[];
}

/**
 * Runs every check. Where the attempt works alone a receipt is void when the
 * tree changed under its check, or afterwards: that check runs again, for a
 * result is only what its checks saw.
 */
export async function verify(ports: AttemptPorts, running: Running, place: Place): Promise<Verified> {
  const checks = running.claim.task.spec.verify ?? [];
  const receipts: Receipt[] = [];
  let open: readonly Check[] = checks;
  for (let round = 1; ; round++) {
    for (const check of open) {
      const receipt = await runCheck(ports, running, place, check);
      const stopped = stopOutcome(running, null);
      if (stopped !== null) return { outcome: stopped, receipts };
      invariant(receipt !== null, "only an attempt that was stopped gets no place for its check");
      receipts.push(receipt);
      if (!(await ports.append(running.claim, { type: "check", receipt })))
        return { outcome: takenOver, receipts };
      if (!receipt.passed && receipt.failsOnBase !== true) return { outcome: checkFailed(receipt), receipts };
    }
    open = voidChecks(checks, receipts, place);
    if (open.length === 0) return { outcome: { type: "succeeded", answer: null }, receipts };
    if (round === mostRounds) return { outcome: unsteady(open, receipts), receipts };
  }
}

async function runCheck(
  ports: AttemptPorts,
  running: Running,
  place: Place,
  check: Check,
): Promise<Receipt | null> {
  const { signal, claim } = running;
  return ports.withCheckSlot(signal, async () => {
    const { root, workspace, outputFile } = place;
    const env = claim.task.spec.env ?? {};
    const context = { root, workspace, outputFile, signal, env, mark: markOf(claim) };
    const receipt = await ports.runCheck(check, context);
    if (receipt.passed || check.baseline !== true || place.own === undefined || signal.aborted)
      return receipt;
    const failsOnBase = await place.own.failsOnBase(check);
    return failsOnBase === null ? receipt : { ...receipt, failsOnBase };
  });
}

/** The checks whose newest receipt does not stand for the tree that is there now. */
function voidChecks(checks: readonly Check[], receipts: readonly Receipt[], place: Place): readonly Check[] {
  if (place.own?.isolated !== true) return [];
  const newest = new Map(receipts.map((receipt) => [receipt.command, receipt]));
  const last = receipts.at(-1);
  // What the last check saw before and after is what is there, if it did not change it.
  const tree = last === undefined || last.treeChanged ? null : last.tree;
  return checks.filter(({ command }) => tree === null || newest.get(command)?.tree !== tree);
}

function unsteady(open: readonly Check[], receipts: readonly Receipt[]): Outcome {
  const blind = receipts.at(-1)?.tree === null;
  const changed = receipts.findLast(({ treeChanged }) => treeChanged);
  const command = changed?.command ?? open[0]?.command ?? "";
  const reason = blind
    ? `the tree that a check saw could not be read: ${command}`
    : `a check changes the tree that it proves, every time: ${command}`;
  const feedback = blind ? reason : `${reason}\n\nHave git ignore what it writes.`;
  return { type: "failed", reason, kind: "check", answer: null, feedback, retryAt: null };
}

function checkFailed(receipt: Receipt): Outcome {
  const how = receipt.exitCode === null ? "did not end in time" : `exited with ${receipt.exitCode}`;
  const reason = `check failed: ${receipt.command} ${how}`;
  const feedback = feedbackOf(reason, receipt.outputTail);
  return { type: "failed", reason, kind: "check", answer: null, feedback, retryAt: null };
}
