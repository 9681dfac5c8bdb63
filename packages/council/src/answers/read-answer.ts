/** From what an agent said to a perspective: tolerant of how it is said, strict about what. */
import type { Position } from "../result.ts";
import { findObjects } from "./find-json.ts";

/** What somebody on a panel said, read. @public */
export interface PanelAnswer {
  readonly position: Position;
  readonly content: string;
  readonly concerns: readonly string[];
  readonly recommendations: readonly string[];
}

/** An answer, or what is wrong with it: one text that its author can act on. @public */
export type PanelReading =
  | { readonly ok: true; readonly answer: PanelAnswer }
  | { readonly ok: false; readonly problem: string };

const spellings: Readonly<Record<string, Position>> = {
  approve: "approve",
  approved: "approve",
  block: "block",
  blocked: "block",
  reject: "block",
  defer: "defer",
  deferred: "defer",
  neutral: "neutral",
  abstain: "neutral",
};

const wanted = `End with one JSON object: {"position": "approve" | "block" | "defer" | "neutral", "content": "...", "concerns": ["..."], "recommendations": ["..."]}.`;

/** Reads the JSON object that a seat of a panel ends its answer with; other text around it is passed over. @public */
export function readPanelAnswer(text: string): PanelReading {
  const [value] = findObjects(text, ["position"]);
  if (value === undefined)
    return { ok: false, problem: `the answer has no JSON object with a \`position\`. ${wanted}` };
  const { position } = value;
  const known = typeof position === "string" ? spellings[position.trim().toLowerCase()] : undefined;
  if (known === undefined)
    return {
      ok: false,
      problem: `\`position\` is ${short(position)}, and must be approve, block, defer or neutral. ${wanted}`,
    };
  const { content } = value;
  if (typeof content !== "string" || content.trim() === "")
    return { ok: false, problem: `\`content\` must say why, as a text. ${wanted}` };
  const concerns = textsOf(value["concerns"]);
  if (concerns === undefined)
    return { ok: false, problem: `\`concerns\` must be a list of texts. ${wanted}` };
  const recommendations = textsOf(value["recommendations"]);
  if (recommendations === undefined)
    return { ok: false, problem: `\`recommendations\` must be a list of texts. ${wanted}` };
  return {
    ok: true,
    answer: { position: known, content: cut(content.trim(), longestContent), concerns, recommendations },
  };
}

/** A list of texts; one text alone is a list of one, and what is left out an empty one. */
function textsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === "string")) return undefined;
  const texts = list.map((item) => cut(item.trim(), longestItem)).filter((item) => item !== "");
  return texts.slice(0, mostItems);
}

/** An answer stands in the context of every seat of the next round. */
const longestContent = 16_000;
const longestItem = 500;
const mostItems = 20;

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
