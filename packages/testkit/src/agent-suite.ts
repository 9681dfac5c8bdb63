/** The conformance suite of agents. */
import { describe, expect, test } from "vitest";
import type { AgentCheck } from "./agent-checks.ts";
import {
  checkAnswers,
  checkBigOutput,
  checkBigPrompt,
  checkFailureIsOutcome,
  checkLeavesNoProcess,
  checkNeverRejects,
  checkReportsOnlyWhileRunning,
  checkSettlesAfterAbort,
  checkUsage,
} from "./agent-checks.ts";
import type { AgentHarness, AgentTraits } from "./agent-harness.ts";
import { type Trouble, troubles } from "./agent-troubles.ts";
import { checkTrouble } from "./check-trouble.ts";

/**
 * Registers the contract of agents as tests. A sentence that does not apply to
 * the agent by its traits, or cannot be observed on this platform, is not
 * registered; none is ever skipped. A trouble that the agent cannot have stands
 * among the tests with the reason.
 *
 * @param makeHarness - called anew for every test
 * @public
 */
export function describeAgent(
  name: string,
  makeHarness: () => Promise<AgentHarness>,
  traits: AgentTraits,
): void {
  const sentence = (text: string, check: AgentCheck): void => {
    test(text, { timeout: 180_000 }, async () => {
      const harness = await makeHarness();
      try {
        await check(harness, traits);
      } finally {
        await harness.close();
      }
    });
  };

  describe(`agent contract: ${name}`, () => {
    sentence("a task it can do is answered", checkAnswers);
    sentence("a failure is an outcome with a kind and a reason of one line", checkFailureIsOutcome);
    sentence("run never rejects", checkNeverRejects);
    sentence("run settles after an abort, whenever it comes", checkSettlesAfterAbort);
    sentence("nothing is reported once run has settled", checkReportsOnlyWhileRunning);
    sentence("unknown usage is null and never 0", checkUsage);
    if (traits.startsProcesses && process.platform === "linux") {
      sentence("no process is left once run has settled", checkLeavesNoProcess);
    }
    if (traits.bigOutputBytes !== null)
      sentence(`${traits.bigOutputBytes} bytes of output do no harm`, checkBigOutput);
    if (traits.bigPromptLength !== null) {
      sentence(`a task of ${traits.bigPromptLength} characters is taken`, checkBigPrompt);
    }
    for (const [trouble, { does, ends }] of Object.entries(troubles)) {
      const name = trouble as Trouble;
      const reason = traits.cannot[name];
      if (reason === undefined)
        sentence(`${name}: it ${does}; this ends as ${ends.join(" or ")}`, checkTrouble(name));
      else test(`${name} cannot be: ${reason}`, () => expect(reason).toMatch(/\w+ \w+/));
    }
  });
}
