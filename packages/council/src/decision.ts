/** What is needed of a decision to carry it out, whoever made it. */
import type { ActionItem, ConsensusLevel, CouncilAgent, CouncilResult } from "./result.ts";

/** A decision of a panel, of this one or of another framework's. @public */
export interface Decision {
  readonly id: string;
  readonly topic: string;
  readonly decision: string;
  readonly rationale: string;
  /** 0 to 1; `null` when it is not stated. */
  readonly confidence: number | null;
  /** `null` when it is not stated. */
  readonly consensusLevel: ConsensusLevel | null;
  readonly dissent: string | null;
  /** What those with a veto block for, each with the name. */
  readonly vetoCriteria: readonly string[];
  readonly actionItems: readonly ActionItem[];
  /** Why nothing may be done on it; `null` when it may. */
  readonly hold: string | null;
}

/** The decision in a result. @public */
export function decisionOf({ session, synthesis, actionItems }: CouncilResult): Decision {
  return {
    id: session.id,
    topic: session.topic,
    decision: synthesis.decision,
    rationale: synthesis.rationale,
    confidence: synthesis.confidence,
    consensusLevel: synthesis.consensusLevel,
    dissent: synthesis.dissent ?? null,
    vetoCriteria: vetoCriteriaOf(session.roster),
    actionItems,
    hold: synthesis.hold,
  };
}

function vetoCriteriaOf(roster: readonly CouncilAgent[]): string[] {
  return roster.flatMap(({ name, vetoPower, vetoCriteria }) =>
    vetoPower ? vetoCriteria.map((criterion) => `${name}: ${criterion}`) : [],
  );
}
