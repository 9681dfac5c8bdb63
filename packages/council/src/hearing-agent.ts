import type { Agent, AgentOutcome } from "mai-orchestration-engine";
import { readPanelAnswer } from "./answers/read-answer.ts";

/** Of longer answers only what was asked for is kept: a store keeps 64 KB. */
const longestKept = 60_000;

/**
 * The agent, with what it answers as a seat of a panel read at once: an answer that cannot be read fails the attempt
 * with what is wrong with it, which is what the next attempt is told.
 *
 * @param isSeatTask - whether a task, by its id, is one of a seat
 * @public
 */
export function hearingAgent(agent: Agent, isSeatTask: (taskId: string) => boolean): Agent {
  const { agentId, backend, capabilities, commands, prose, maxConcurrent, fallback } = agent;
  return {
    agentId,
    backend,
    capabilities,
    commands,
    prose,
    maxConcurrent,
    ...(fallback && { fallback }),
    maxAttemptsFor: (task) => agent.maxAttemptsFor(task),
    async run(asked, context) {
      const outcome = await agent.run(asked, context);
      return isSeatTask(asked.task.taskId) ? heard(outcome) : outcome;
    },
  };
}

function heard(outcome: AgentOutcome): AgentOutcome {
  if (outcome?.type !== "answered" || typeof outcome.output !== "string") return outcome;
  const reading = readPanelAnswer(outcome.output);
  if (!reading.ok) return { ...outcome, type: "failed", kind: "task", reason: reading.problem };
  if (outcome.output.length <= longestKept) return outcome;
  return { ...outcome, output: JSON.stringify(reading.answer) };
}
