/** An agent whose attempts are processes of the simulated machine: they may outlive the worker that started them. */
import type { Agent, AgentContext, AgentOutcome, AgentTask } from "mai-orchestration-engine";
import { answered, type Behaviour, drawBehaviour, stopped } from "./behaviour.ts";
import type { Child, Program, ProgramEnd } from "./machine.ts";
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
    ...(backend === "program" && {
      adopt: (_task: AgentTask, context: AgentContext) =>
        process.port(`adoption of ${context.mark}`, () => adopt(process, context), false),
    }),
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
  const program = play(process, child, behaviour);
  machine.programs.set(context.mark, program);
  return follow(program, context.signal).then((end) => told(end ?? killed));
}

/** Follows a program that outlived its worker, or reads what it has left. */
async function adopt(process: SimProcess, { mark, signal }: AgentContext): Promise<AgentOutcome | null> {
  const { machine } = process;
  const program = machine.programs.get(mark);
  if (program === undefined) return null;
  const end = await follow(program, signal);
  const isLost = machine.fault(machine.random.fork(`output of ${mark}`), "outputLost");
  const { runId, taskId, attempt } = program.child;
  // Who was told to stop by somebody who is dead by now has left no answer.
  const isComplete = end !== null && !isLost && (!end.wasStopped || signal.aborted);
  machine.tell({ type: "output.read", runId, taskId, attempt, isComplete });
  return isComplete ? told(end) : null;
}

const killed: ProgramEnd = { outcome: stopped, rejects: false, wasStopped: true };

/** Resolves when the program is over; `null` when it was killed. */
function follow(program: Program, signal: AbortSignal): Promise<ProgramEnd | null> {
  return new Promise((resolve) => {
    const stop = (): void => program.stop();
    const over = (): void => {
      program.listeners.delete(over);
      signal.removeEventListener("abort", stop);
      resolve(program.end);
    };
    if (!program.child.isAlive) return over();
    program.listeners.add(over);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

async function told({ outcome, rejects }: ProgramEnd): Promise<AgentOutcome> {
  if (rejects) throw new Error("the agent is broken");
  return outcome;
}

function play({ machine }: SimProcess, child: Child, behaviour: Behaviour): Program {
  const { runId, taskId, attempt } = child;
  const end = (outcome: AgentOutcome, rejects: boolean, how: string): void => {
    if (!child.isAlive) return;
    program.end = { outcome, rejects, wasStopped: how === "stopped" };
    if (behaviour.isAnswer && how === "done")
      machine.tell({ type: "agent.answered", runId, taskId, attempt });
    machine.endChild(child, how);
  };
  const program: Program = {
    child,
    end: null,
    listeners: new Set(),
    stop() {
      if (child.isAlive) machine.tell({ type: "agent.told-to-stop", process: child.process });
      const outcome = behaviour.answersAfterStop ? answered : stopped;
      machine.after(behaviour.stopMs, () => end(outcome, behaviour.rejects, "stopped"));
    },
  };
  const finish = (): void => end(behaviour.outcome, behaviour.rejects, "done");
  if (behaviour.durationMs !== null) machine.after(behaviour.durationMs, finish);
  else machine.onHealed(() => end(stopped, false, "woke"));
  return program;
}
