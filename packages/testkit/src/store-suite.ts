/** The conformance suite of stores. */
import { describe, test } from "vitest";
import type { OpenStore, StoreTraits } from "./store-harness.ts";
import { describeAfterDeath, describeReopen } from "./store-suite/after-death.ts";
import { describeApprovals } from "./store-suite/approvals.ts";
import { describeCeiling, describeSpending } from "./store-suite/ceiling.ts";
import { describeClaimOrder, describeClaimWho } from "./store-suite/claim.ts";
import { describeConsequences } from "./store-suite/consequences.ts";
import { describeHoldings } from "./store-suite/holdings.ts";
import { describeJournal, describeReads } from "./store-suite/journal.ts";
import { describeLimits, describeWaits } from "./store-suite/limits.ts";
import { describeRandomLives } from "./store-suite/random-lives.ts";
import { describePrune, describeRestore } from "./store-suite/restore.ts";
import { playScene, type Sentence } from "./store-suite/scene.ts";
import { describeCancel, describeSettle } from "./store-suite/settle.ts";
import { describeSubmit, describeSubmitRefusals } from "./store-suite/submit.ts";
import { describeClosing, describeTurns } from "./store-suite/turns.ts";

/**
 * Registers the contract of stores as tests. After each test whatever the
 * store holds must obey every law of the journal, and every task must be what
 * its journal folds to.
 *
 * @param open - called anew for every test, and for every random life
 * @public
 */
export function describeStore(name: string, open: OpenStore, traits: StoreTraits): void {
  const sentence: Sentence = (text, body) => {
    test(text, { timeout: 120_000 }, () => playScene(open, traits, body));
  };
  const groups: readonly (readonly [string, (sentence: Sentence, traits: StoreTraits) => void])[] = [
    ["submit", describeSubmit],
    ["submit refuses", describeSubmitRefusals],
    ["claim: who is next", describeClaimOrder],
    ["claim: who may do it", describeClaimWho],
    ["claim: how many", describeLimits],
    ["claim: what waits", describeWaits],
    ["claim: what a run may cost", describeCeiling],
    ["claim: what a run has cost", describeSpending],
    ["settle", describeSettle],
    ["consequences", describeConsequences],
    ["approvals", describeApprovals],
    ["cancel and block", describeCancel],
    ["renew, append and held", describeHoldings],
    ["after a death", describeAfterDeath],
    ["reopen", describeReopen],
    ["journal", describeJournal],
    ["reads", describeReads],
    ["restore", describeRestore],
    ["prune", describePrune],
    ["calls of one turn", describeTurns],
    ["close and onChange", describeClosing],
  ];
  describe(`store contract: ${name}`, () => {
    for (const [title, group] of groups) describe(title, () => group(sentence, traits));
    describe("whatever is asked of it", () => describeRandomLives(open, traits));
  });
}
