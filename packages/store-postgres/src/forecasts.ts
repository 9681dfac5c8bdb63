/** What calls will need, so that it is read together and before they are played. */
import { type FarmTask, uniqueDependencies } from "mai-orchestration-core";
import type { ClaimRef, ClaimRequest, NewRun, Outcome } from "mai-orchestration-engine";
import type { Need } from "./facts.ts";
import { lockOf } from "./locks.ts";
import type { Forecast } from "./turns.ts";

/** One submission of a run at a time: two could open it both. */
export function forecastOfSubmit(schema: string, run: NewRun, tasks: readonly FarmTask[]): Forecast {
  const { runId } = run;
  const ids = new Set(tasks.flatMap((task) => [task.taskId, ...uniqueDependencies(task)]));
  const needs: Need[] = [{ type: "run", runId }];
  for (const taskId of ids) if (taskId.isWellFormed()) needs.push({ type: "task", runId, taskId });
  return { needs, locks: [lockOf(schema, "run", runId)] };
}

export function forecastOfSettle({ runId, taskId }: ClaimRef, outcome: Outcome): Forecast {
  const needs: Need[] = [{ type: "task", runId, taskId }];
  if (outcome.type === "succeeded") needs.push({ type: "dependantsOf", runId, taskId });
  return { needs, locks: [] };
}

/** Agents' caps, limits of runs and locks of tasks are counted by one claimant at a time. */
export function forecastOfClaim(schema: string, { scopes, offers }: ClaimRequest): Forecast {
  const free = offers.filter((offer) => offer.free > 0);
  const wanted = free.reduce((sum, offer) => sum + offer.free, 0);
  const needs: Need[] = [{ type: "waiting", limit: 64 }, { type: "locks" }];
  for (const { agentId } of offers) needs.push({ type: "agent", agentId });
  for (const { runId, slots, only } of scopes) {
    const limit = Math.min(slots, wanted);
    needs.push({ type: "lanes", runId });
    if (limit <= 0) continue;
    needs.push({ type: "heads", runId, limit, offers: free, wanted: only === undefined ? null : [...only] });
  }
  const locks = free.map(({ agentId }) => lockOf(schema, "agent", agentId));
  for (const { runId } of scopes) locks.push(lockOf(schema, "limit", runId));
  return { needs, locks: free.length === 0 ? [] : locks };
}
