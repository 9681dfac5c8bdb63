/** The nouns of a council, in the shapes that the existing council frameworks give them. */
import type { CouncilStrategy } from "mai-orchestration-core";

/** Where somebody stands on a topic, or on a result. @public */
export type Position = "approve" | "block" | "defer" | "neutral";

/** Every position, for checking what agents wrote. @public */
export const positions: readonly Position[] = ["approve", "block", "defer", "neutral"];

/** Somebody on a panel. @public */
export interface CouncilAgent {
  readonly name: string;
  readonly role: string;
  readonly expertise: readonly string[];
  readonly personality: readonly string[];
  readonly triggers: readonly string[];
  readonly vetoPower: boolean;
  readonly vetoCriteria: readonly string[];
  /** What it is told beside the fields above. */
  readonly content: string;
}

/** What somebody on a panel said in one round. @public */
export interface AgentPerspective {
  readonly agent: CouncilAgent;
  /** Numbered from 1. */
  readonly round: number;
  readonly content: string;
  readonly position: Position;
  readonly concerns: readonly string[];
  readonly recommendations: readonly string[];
  /** ISO 8601. */
  readonly timestamp: string;
}

/** Perspectives that exclude each other. @public */
export interface Conflict {
  readonly id: string;
  /** `direct`: approve against block; `priority`: approve against defer. */
  readonly type: "direct" | "priority";
  readonly severity: "critical" | "major" | "minor";
  readonly description: string;
  /** Names. */
  readonly agents: readonly string[];
  readonly resolved: boolean;
}

/** How far a panel agrees. @public */
export type ConsensusLevel = "unanimous" | "strong" | "moderate" | "weak" | "none";

/** Every level, the strongest first. @public */
export const consensusLevels: readonly ConsensusLevel[] = ["unanimous", "strong", "moderate", "weak", "none"];

/** Those who do not approve, and why. @public */
export interface DissentReport {
  readonly dissentCount: number;
  /** Names. */
  readonly dissenters: readonly string[];
  readonly uniqueConcerns: readonly string[];
  /** Whether one of them blocks and has a veto. */
  readonly hasVetoPower: boolean;
  readonly summary: string;
}

/** What a panel decided. @public */
export interface SynthesisResult {
  readonly decision: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly consensusLevel: ConsensusLevel;
  readonly rationale: string;
  readonly tradeoffs: readonly string[];
  /** At most five, those with the most support first. */
  readonly recommendations: readonly string[];
  /** Absent when all approve. */
  readonly dissent?: string;
  readonly dissentReport?: DissentReport;
  /** What each said last, by name. */
  readonly agentContributions: Readonly<Record<string, string>>;
  /** Why nothing may be done on this decision; `null` when it may. */
  readonly hold: string | null;
}

/** Something to do. @public */
export interface ActionItem {
  readonly task: string;
  /** A name of the panel, or `Unassigned`. */
  readonly owner: string;
  readonly priority: "high" | "medium" | "low";
  readonly dueDate?: string;
}

/** One round of a session. @public */
export interface CouncilRound {
  readonly number: number;
  readonly perspectives: readonly AgentPerspective[];
  readonly conflicts: readonly Conflict[];
  readonly consensusReached: boolean;
}

/** One sitting of a panel. @public */
export interface CouncilSession {
  /** The id of its decision. */
  readonly id: string;
  readonly topic: string;
  readonly context: string;
  readonly roster: readonly CouncilAgent[];
  readonly rounds: readonly CouncilRound[];
  readonly synthesisStrategy: CouncilStrategy;
  /** ISO 8601. */
  readonly startTime: string;
  readonly endTime?: string;
}

/** What the panel says of a result. @public */
export type ReviewVerdict = "approve" | "block" | "defer";

/** What became of an action item that was carried out. @public */
export interface ItemReview {
  readonly task: string;
  /** The task of the run that was reviewed last. */
  readonly taskId: string;
  readonly verdict: ReviewVerdict;
  /** Why it is not approved; empty when it is. */
  readonly reasons: readonly string[];
  /** How often it was done. */
  readonly tries: number;
}

/** What `runCouncil` resolves, and what other council frameworks keep. @public */
export interface CouncilResult {
  readonly session: CouncilSession;
  readonly synthesis: SynthesisResult;
  /** Markdown: {@link writeSessionFile} of this result. */
  readonly transcript: string;
  readonly actionItems: readonly ActionItem[];
  /** One for each action item that was carried out. */
  readonly reviews: readonly ItemReview[];
}
