/** `status`: where a run stands, at once or when it has ended. */
import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord, Store } from "mai-orchestration-engine";
import { findRun } from "mai-orchestration-framework/cli";
import { z } from "zod";
import { type Standing, standingOf, standingShape } from "../standing.ts";
import { type Call, type Tool, tool } from "./tool.ts";

/** Clients move longer calls into the background. */
const longestWaitSeconds = 60;
const lookMs = 250;
/** A process that was just started has claimed nothing yet, and first ends what a dead one left: for so long nobody is missed. */
const firstClaimMs = 10_000;

/** @internal */
export const statusTool: Tool = tool({
  name: "status",
  title: "Where a run stands",
  description: `Says where a run stands. With \`wait_seconds\` it answers as soon as the run needs nobody's patience any more (it has
ended, waits for a person's yes, was interrupted, or its engine has died), at the latest after that time, and reports progress meanwhile.`,
  input: {
    run: z
      .string()
      .optional()
      .describe("Its id; the newest that has not ended, else the newest, when left out"),
    wait_seconds: z.number().min(0).max(longestWaitSeconds).optional().describe("0 when left out"),
  },
  output: standingShape,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  async call({ withStore, io }, { run, wait_seconds = 0 }, call) {
    const until = io.now() + wait_seconds * 1_000;
    return withStore(async (store) => ({
      ...(await waitFor(store, await findRun(store, run), until, io, call)),
    }));
  },
});

/** Whether nothing goes on before a person has answered. */
function onlyAsks({ phases, running }: Standing): boolean {
  const busy =
    running.length + (phases.ready ?? 0) + (phases["retry-wait"] ?? 0) + (phases["quota-wait"] ?? 0);
  return busy === 0 && (phases["approval-wait"] ?? 0) > 0;
}

async function waitFor(
  store: Store,
  run: RunRecord,
  until: number,
  io: { now(): number },
  { signal, progress }: Call,
): Promise<Standing> {
  let driven = io.now();
  for (let told = -1; ; ) {
    const standing = await standingOf(store, run);
    const now = io.now();
    if (standing.driver === "alive") driven = now;
    const goesOn = standing.state === "open" && now - driven < firstClaimMs && !onlyAsks(standing);
    if (!goesOn || now >= until || signal.aborted) return standing;
    if (standing.ended !== told)
      await progress(standing.ended, standing.total, `${standing.ended} of ${standing.total} tasks ended`);
    told = standing.ended;
    await pause(Math.min(lookMs, Math.max(0, until - io.now())), undefined, { signal }).catch(
      () => undefined,
    );
  }
}
