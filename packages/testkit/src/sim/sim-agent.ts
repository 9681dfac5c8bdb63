/** An agent whose attempts are processes of the simulated machine: they may outlive the worker that started them. */
import type { Agent, AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import { answered, type Behaviour, drawBehaviour, stopped } from "./behaviour.ts";
import type { Child } from "./machine.ts";
import type { SimProcess } from "./sim-process.ts";
import type { SimAgent } from "./world.ts";

export function simAgent(process: SimProcess, agent: SimAgent): Agent {
  const { agentId, backend, capabilities, commands, prose, maxConcurrent, maxAttempts } = agent;
  return {
    agentId,
    backend,
    capabilities,
    commands,
    prose,
    maxConcurrent,
    maxAttemptsFor: () => maxAttempts,
    run: (task, context) =>
      process.port(`run of ${context.mark}`, () => run(process, agent, task, context), false),
  };
}

function run(
  process: SimProcess,
  { agentId, backend }: SimAgent,
  { runId, task, attempt }: AgentTask,
  context: AgentContext,
): Promise<AgentOutcome> {
  const { machine, workerId } = process;
  const claim = { runId, taskId: task.taskId, attempt };
  const child = machine.startChild({ ...claim, kind: "agent", agentId, worker: workerId });
  const behaviour = drawBehaviour(machine, machine.random.fork(`agent ${context.mark}`));
  if (behaviour.busyMs > 0 && backend !== "function") {
    child.busyUntilMs = machine.atMs + behaviour.busyMs;
    machine.tell({ type: "agent.busy", process: child.process, untilMs: child.busyUntilMs });
  }
  for (const { afterMs, report } of behaviour.reports) {
    machine.after(afterMs, () => {
      if (!process.isAlive) return;
      if (child.isAlive) machine.tell({ type: "agent.reported", process: child.process });
      context.report(report);
    });
  }
  return new Promise((resolve, reject) => {
    play(process, child, behaviour, context.signal, (outcome, rejects) => {
      if (rejects) reject(new Error("the agent is broken"));
      else resolve(outcome);
    });
  });
}

function play(
  { machine }: SimProcess,
  child: Child,
  behaviour: Behaviour,
  signal: AbortSignal,
  settle: (outcome: AgentOutcome, rejects: boolean) => void,
): void {
  const { runId, taskId, attempt } = child;
  const end = (outcome: AgentOutcome, rejects: boolean, how: string): void => {
    if (!child.isAlive) return;
    signal.removeEventListener("abort", stop);
    machine.endChild(child, how);
    if (behaviour.isAnswer && how === "done")
      machine.tell({ type: "agent.answered", runId, taskId, attempt });
    settle(outcome, rejects);
  };
  const stop = (): void => {
    if (child.isAlive) machine.tell({ type: "agent.told-to-stop", process: child.process });
    const outcome = behaviour.answersAfterStop ? answered : stopped;
    machine.after(behaviour.stopMs, () => end(outcome, behaviour.rejects, "stopped"));
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  const finish = (): void => end(behaviour.outcome, behaviour.rejects, "done");
  if (behaviour.durationMs !== null) machine.after(behaviour.durationMs, finish);
  else machine.onHealed(() => end(stopped, false, "woke"));
}
