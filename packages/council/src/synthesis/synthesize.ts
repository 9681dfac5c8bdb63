/** From the perspectives of a round to a decision. Pure: the same perspectives decide the same. */
import type { AgentPerspective, ConsensusLevel, SynthesisResult } from "../result.ts";
import { supportedRecommendations } from "./action-items.ts";
import { generateDissentReport } from "./dissent.ts";
import { confidenceOf, consensusLevelOf, facilitatorOf, type SynthesisOptions, vetoesOf } from "./level.ts";
import { sameText } from "./same-text.ts";

/** What else a decision says. @public */
export interface SynthesizeOptions extends SynthesisOptions {
  /** What is decided about. @defaultValue "the proposal" */
  readonly topic?: string;
  /** Names of those who were asked and gave no perspective. A missing veto, or more than half, holds the work. */
  readonly absent?: readonly { readonly name: string; readonly vetoPower: boolean }[];
}

/**
 * Puts the perspectives of one round together. `hold` says why nothing may be done on it: a veto, no consensus, or
 * too many who were not heard.
 *
 * @public
 */
export function synthesize(
  perspectives: readonly AgentPerspective[],
  options: SynthesizeOptions = {},
): SynthesisResult {
  const { topic = "the proposal" } = options;
  const consensusLevel = consensusLevelOf(perspectives, options);
  const hold = holdOf(perspectives, consensusLevel, options);
  const dissent = generateDissentReport(perspectives);
  return {
    decision: hold === null ? `Go ahead: ${topic}` : `Held: ${topic}`,
    confidence: confidenceOf(consensusLevel, perspectives.length),
    consensusLevel,
    rationale: rationaleOf(perspectives, hold),
    tradeoffs: tradeoffsOf(perspectives),
    recommendations: supportedRecommendations(perspectives).map(({ text }) => text),
    ...(dissent === undefined ? {} : { dissent: dissent.summary, dissentReport: dissent }),
    agentContributions: Object.fromEntries(perspectives.map(({ agent, content }) => [agent.name, content])),
    hold,
  };
}

function holdOf(
  perspectives: readonly AgentPerspective[],
  level: ConsensusLevel,
  options: SynthesizeOptions,
): string | null {
  const { absent = [] } = options;
  const [veto] = vetoesOf(perspectives);
  if (veto !== undefined) return `veto of ${veto.agent.name}: ${reasonOf(veto)}`;
  const unheard = absent.find(({ vetoPower }) => vetoPower);
  if (unheard !== undefined) return `${unheard.name} has a veto and gave no perspective`;
  const asked = perspectives.length + absent.length;
  if (absent.length > 0 && perspectives.length <= asked / 2)
    return `only ${perspectives.length} of ${asked} gave a perspective`;
  if (level !== "none") return null;
  const blocker = perspectives.find(({ position }) => position === "block");
  if (blocker !== undefined) return `no consensus: ${blocker.agent.name} blocks: ${reasonOf(blocker)}`;
  const facilitator = options.strategy === "facilitator" ? facilitatorOf(perspectives, options) : undefined;
  if (facilitator !== undefined) return `no consensus: ${facilitator.agent.name} does not approve`;
  const approving = perspectives.filter(({ position }) => position === "approve").length;
  return `no consensus: ${approving} of ${perspectives.length} approve`;
}

function reasonOf({ concerns, content }: AgentPerspective): string {
  const text = concerns.length > 0 ? concerns.join("; ") : content;
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function rationaleOf(perspectives: readonly AgentPerspective[], hold: string | null): string {
  const count = (position: string): number => perspectives.filter((one) => one.position === position).length;
  const votes = (["approve", "block", "defer", "neutral"] as const)
    .flatMap((position) => (count(position) > 0 ? [`${count(position)} ${position}`] : []))
    .join(", ");
  const spread = `Of ${perspectives.length} perspectives: ${votes === "" ? "none" : votes}.`;
  return hold === null ? spread : `${spread} The work is held: ${hold}.`;
}

/** What those who approve are worried about all the same. */
function tradeoffsOf(perspectives: readonly AgentPerspective[]): string[] {
  const found = new Map<string, string>();
  for (const { position, concerns } of perspectives) {
    if (position !== "approve") continue;
    for (const concern of concerns) if (!found.has(sameText(concern))) found.set(sameText(concern), concern);
  }
  return [...found.values()];
}
