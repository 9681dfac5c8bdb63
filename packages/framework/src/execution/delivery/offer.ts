/** Patches and pull requests for verified work: offered once, each by itself. */
import { messageOf, type TaskState } from "mai-orchestration-core";
import type { Deliveries } from "./deliver.ts";

/** @internal */
export async function offer(deliveries: Deliveries): Promise<void> {
  const { tasks, state } = deliveries;
  for (const task of tasks) {
    const { deliver, taskId } = task.spec;
    const isOffered = state.tasks.get(taskId)?.type === "delivery.offered";
    if (isOffered || task.end?.verdict !== "verified" || task.work == null) continue;
    if (deliver === "patch") await offerPatch(task, deliveries);
    else if (deliver === "pull-request") await offerRequest(task, deliveries);
  }
}

async function offerPatch({ spec, work }: TaskState, { delivery, note }: Deliveries): Promise<void> {
  const { taskId: task } = spec;
  if (work === null) return;
  try {
    const place = await delivery.patch(spec, work);
    await note({ type: "delivery.offered", task, as: "patch", place });
  } catch (error) {
    const reason = `its patch cannot be written: ${messageOf(error)}`;
    await note({ type: "delivery.failed", target: null, task, reason, receipts: [] });
  }
}

async function offerRequest(task: TaskState, { delivery, note, run }: Deliveries): Promise<void> {
  const { spec, receipts } = task;
  const { taskId, target = "" } = spec;
  const checks = receipts
    .filter(({ passed }) => passed)
    .map(({ command }) => `- \`${command.replaceAll("`", "'")}\``);
  const body = [
    spec.description,
    "",
    `Success criteria: ${spec.successCriteria}`,
    "",
    "Checks that passed on this tree:",
    ...checks,
    "",
    `Run ${run.runId}, task ${taskId}.`,
  ].join("\n");
  const made = await delivery.pullRequest(spec, target, body);
  if (made.ok) await note({ type: "delivery.offered", task: taskId, as: "pull-request", place: made.url });
  else await note({ type: "delivery.failed", target, task: taskId, reason: made.reason, receipts: [] });
}
