/**
 * What the seed README's snippets must print, on a machine without any agent program: there, a task for a model ends
 * in failure with the command that installs an agent, and nothing else about the snippets changes.
 */
import type { Snippet, Surroundings } from "./snippets.ts";

export interface Expectation extends Surroundings {
  /** Each must match what the module printed. */
  readonly prints: readonly RegExp[];
}

const ended = /^ended: (?:success|failure)$/m;

/** By heading. A snippet of the README that is not named here is an error, and so is a name without a snippet. */
const expectations: Readonly<Record<string, Expectation>> = {
  "Basic Task Execution": {
    epilogue: [
      'console.log("queued:", task.taskId === result.taskId, task.priority, task.context.join());',
      'console.log("says why:", result.status === "success" || /install/i.test(result.output));',
    ].join("\n"),
    prints: [/^(?:success|failure)$/m, /^queued: true high \/src\/auth\.ts$/m, /^says why: true$/m],
  },
  "Batch Execution": {
    preamble: "const orchestrator = new Orchestrator();",
    epilogue: [
      "const { successCount, failureCount, blockedCount } = results;",
      'console.log("counted:", successCount + failureCount + blockedCount);',
      'console.log("truth:", isOverallSuccess(results) === (successCount === 3));',
      'console.log("ids:", taskIds.join() === tasks.map((each) => each.taskId).join());',
    ].join("\n"),
    prints: [/^counted: 3$/m, /^truth: true$/m, /^ids: true$/m],
  },
  "Event Monitoring": {
    preamble: "const orchestrator = new Orchestrator();",
    epilogue: [
      'const watched = createFarmTask("research", "Watched", "An event is seen");',
      "const ended = await orchestrator.executeBatch([orchestrator.queueTask(watched)]);",
      'console.log("same summary:", ended.summary);',
    ].join("\n"),
    prints: [
      /Task queued: /,
      /Batch completed: /,
      /^Batch done: (?<summary>.+)$[\s\S]*^same summary: \k<summary>$/m,
    ],
  },
  "Agent Dispatcher": {
    epilogue: [
      'console.log("selected:", agent?.id, total, used, available);',
      'console.log("registered:", dispatcher.getTotalCapacity().total, dispatcher.isAgentAvailable("specialized"));',
    ].join("\n"),
    prints: [/^selected: general-purpose 13 0 13$/m, /^registered: 18 true$/m],
  },
  "State Persistence": {
    preamble: [
      "const orchestrator = new Orchestrator();",
      'const kept = createFarmTask("review", "Kept", "Still there after compaction");',
      "orchestrator.queueTask(kept);",
    ].join("\n"),
    epilogue: [
      "const pending = newOrchestrator.getPendingTasks().map((each) => each.taskId);",
      'console.log("restored:", pending.length, pending[0] === kept.taskId);',
      "const third = new Orchestrator();",
      "third.restoreState(JSON.parse(JSON.stringify(state)));",
      'console.log("from text:", third.getPendingTasks()[0]?.taskId === kept.taskId);',
    ].join("\n"),
    prints: [/^restored: 1 true$/m, /^from text: true$/m],
  },
};

/** All snippets below each other, as somebody who follows the README has them in one file. */
export const wholeReadme: Expectation = {
  epilogue: 'console.log("ended:", result.status);',
  prints: [ended, /^(?:success|failure)$/m],
};

/** Pairs snippets with what is expected of them; throws when one side is missing. */
export function pairWithExpectations(
  snippets: readonly Snippet[],
): readonly { readonly snippet: Snippet; readonly expectation: Expectation }[] {
  const headings = snippets.map(({ heading }) => heading);
  const orphans = Object.keys(expectations).filter((heading) => !headings.includes(heading));
  if (orphans.length > 0) throw new Error(`No snippet stands under: ${orphans.join(", ")}`);
  return snippets.map((snippet) => {
    const expectation = expectations[snippet.heading];
    if (expectation === undefined)
      throw new Error(`Nothing is expected of the snippet on line ${snippet.line}`);
    return { snippet, expectation };
  });
}
