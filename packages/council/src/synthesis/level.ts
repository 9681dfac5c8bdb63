/** How far perspectives agree, and how far the result can be trusted. */
import type { CouncilStrategy } from "mai-orchestration-core";
import type { AgentPerspective, ConsensusLevel, Position } from "../result.ts";

/** What the weight of an ordinary voice is multiplied with for one that has a veto, under `weighted`. */
const vetoWeight = 1.5;

/** Block shares up to this one do not stop a `weighted` decision. */
const defaultThreshold = 0.3;

/** How a synthesis is made. @public */
export interface SynthesisOptions {
  /** @defaultValue "consensus" */
  readonly strategy?: CouncilStrategy;
  /** 0 to 1. @defaultValue 0.3 */
  readonly conflictThreshold?: number;
  /** Who decides under `facilitator`. @defaultValue the first whose role names a product or a manager, else the first */
  readonly facilitatorName?: string;
  /** Weights under `weighted`, by name. @defaultValue 1, and 1.5 for a veto */
  readonly agentWeights?: Readonly<Record<string, number>>;
}

/**
 * How far perspectives of one round agree. `none`, whatever the strategy, for no perspectives at all and for a block
 * by somebody with a veto.
 *
 * @public
 */
export function consensusLevelOf(
  perspectives: readonly AgentPerspective[],
  options: SynthesisOptions = {},
): ConsensusLevel {
  const { strategy = "consensus", conflictThreshold = defaultThreshold } = options;
  if (perspectives.length === 0 || vetoesOf(perspectives).length > 0) return "none";
  const weigh = strategy === "weighted" ? weightOf(options) : () => 1;
  const approving = shareOf(perspectives, "approve", weigh);
  const blocking = shareOf(perspectives, "block", weigh);
  switch (strategy) {
    case "consensus":
      return blocking > 0 ? "none" : levelOfShare(approving);
    case "weighted":
      return blocking > conflictThreshold ? "none" : levelOfShare(approving);
    case "facilitator": {
      if (facilitatorOf(perspectives, options)?.position !== "approve") return "none";
      const level = levelOfShare(approving);
      // One approval that decides is some agreement, however many others there are.
      return level === "none" ? "weak" : level;
    }
  }
}

/** Blocks by those who have a veto. @public */
export function vetoesOf(perspectives: readonly AgentPerspective[]): readonly AgentPerspective[] {
  return perspectives.filter(({ agent, position }) => agent.vetoPower && position === "block");
}

/** How far a decision of this level, by so many voices, can be trusted: 0 to 0.99. @public */
export function confidenceOf(level: ConsensusLevel, voices: number): number {
  const base = { unanimous: 0.95, strong: 0.8, moderate: 0.6, weak: 0.4, none: 0.2 }[level];
  const factor = voices >= 4 ? 1.1 : voices <= 2 ? 0.9 : 1;
  return Math.min(0.99, Math.round(base * factor * 1000) / 1000);
}

/** Who decides under the strategy `facilitator`. @internal */
export function facilitatorOf(
  perspectives: readonly AgentPerspective[],
  { facilitatorName }: SynthesisOptions,
): AgentPerspective | undefined {
  if (facilitatorName !== undefined) return perspectives.find(({ agent }) => agent.name === facilitatorName);
  return perspectives.find(({ agent }) => /product|manager/i.test(agent.role)) ?? perspectives[0];
}

function levelOfShare(approving: number): ConsensusLevel {
  // Sums of weights are not exact.
  const share = approving + 1e-9;
  if (share >= 1) return "unanimous";
  if (share >= 0.75) return "strong";
  if (share >= 0.5) return "moderate";
  return share >= 0.25 ? "weak" : "none";
}

type Weigh = (perspective: AgentPerspective) => number;

function weightOf({ agentWeights = {} }: SynthesisOptions): Weigh {
  return ({ agent }) => {
    const given = Object.hasOwn(agentWeights, agent.name) ? agentWeights[agent.name] : undefined;
    return given ?? (agent.vetoPower ? vetoWeight : 1);
  };
}

function shareOf(perspectives: readonly AgentPerspective[], position: Position, weigh: Weigh): number {
  const sum = (of: readonly AgentPerspective[]): number => of.reduce((total, one) => total + weigh(one), 0);
  const all = sum(perspectives);
  return all === 0 ? 0 : sum(perspectives.filter((one) => one.position === position)) / all;
}
