/** Rosters and agent files of the existing council frameworks, to seats. */
import type { CouncilSeat } from "mai-orchestration-core";
import { parse } from "yaml";
import { unreadable } from "./unreadable.ts";

type Data = Readonly<Record<string, unknown>>;

/** A panel as a file names it. @public */
export interface Roster {
  readonly name: string | null;
  /** In order; those that the file only names have nothing but their role. */
  readonly seats: readonly CouncilSeat[];
}

/**
 * Reads a roster: YAML or JSON with `agents`, each a name or a seat. Throws `council.unreadable`.
 *
 * @param known - seats by name and role that names may stand for, such as those of agent files
 * @public
 */
export function readRoster(text: string, source: string, known: readonly CouncilSeat[] = []): Roster {
  const data = parseYaml(text, source, 0);
  const list = Array.isArray(data) ? data : isRecord(data) ? data["agents"] : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw unreadable(
      source,
      "`agents`",
      "is no list of names",
      "Write `agents: [TechLead, SecurityEngineer]`.",
    );
  const seats = list.map((item: unknown, index) => {
    if (typeof item === "string" && item.trim() !== "") return namedSeat(item.trim(), known);
    if (isRecord(item)) return seatOf(item, "", `${source}: \`agents[${index}]\``);
    throw unreadable(source, `\`agents[${index}]\``, "is neither a name nor a seat", "Write its name.");
  });
  const name = isRecord(data) && typeof data["name"] === "string" ? data["name"] : null;
  return { name, seats };
}

/** The seat that a name stands for; one of that role when no known seat has it. @public */
export function namedSeat(name: string, known: readonly CouncilSeat[]): CouncilSeat {
  const key = slug(name);
  return known.find((seat) => slug(seat.name ?? "") === key || slug(seat.role) === key) ?? { role: name };
}

/**
 * Reads an agent file: Markdown with YAML front matter, keys in snake_case or camelCase, `personality` and others as a
 * text or a list. Throws `council.unreadable`.
 *
 * @public
 */
export function readAgentFile(text: string, source: string): CouncilSeat {
  const front = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text);
  if (front === null)
    throw unreadable(
      source,
      "line 1:",
      "there is no front matter",
      "Begin the file with `---`, keys, and `---`.",
    );
  const data = parseYaml(front[1] ?? "", source, 1);
  if (!isRecord(data))
    throw unreadable(source, "line 2:", "the front matter has no keys", "Give it a `name` and a `role`.");
  return seatOf(data, text.slice(front[0].length).trim(), source);
}

function seatOf(data: Data, content: string, source: string): CouncilSeat {
  const name = textOf(data["name"], "name", source);
  const role = textOf(data["role"], "role", source) ?? name;
  if (role === undefined) throw unreadable(source, "`role`", "is missing", "Say what the agent speaks for.");
  const veto = data["veto_power"] ?? data["vetoPower"];
  if (veto !== undefined && veto !== null && typeof veto !== "boolean")
    throw unreadable(source, "`veto_power`", "is neither true nor false", "Write `veto_power: true`.");
  const expertise = textsOf(data["expertise"], "expertise", source);
  const personality = textsOf(data["personality"], "personality", source);
  const vetoCriteria = textsOf(data["veto_criteria"] ?? data["vetoCriteria"], "veto_criteria", source);
  const agent = textOf(data["agent"], "agent", source);
  const brief = textOf(data["brief"], "brief", source) ?? content;
  return {
    ...(name === undefined ? {} : { name }),
    role,
    ...(expertise.length === 0 ? {} : { expertise }),
    ...(personality.length === 0 ? {} : { personality }),
    ...(veto === true ? { vetoPower: true } : {}),
    ...(vetoCriteria.length === 0 ? {} : { vetoCriteria }),
    ...(brief === "" ? {} : { brief }),
    ...(agent === undefined ? {} : { agent }),
  };
}

function textOf(value: unknown, key: string, source: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value.trim();
  throw unreadable(source, `\`${key}\``, "is no text", "Put it in quotes.");
}

/** A list, or one text for a list of one. */
function textsOf(value: unknown, key: string, source: string): string[] {
  if (value === undefined || value === null || value === "") return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === "string")) return list.map((item) => item.trim()).filter(Boolean);
  throw unreadable(source, `\`${key}\``, "is neither a text nor a list of texts", "Write `[one, two]`.");
}

/** @param linesBefore - lines of the file before the text */
function parseYaml(text: string, source: string, linesBefore: number): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    const line = (error as { readonly linePos?: readonly { readonly line: number }[] }).linePos?.[0]?.line;
    const why = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    const place = line === undefined ? "" : `line ${line + linesBefore}:`;
    throw unreadable(source, place, `is no YAML: ${why.replace(/ at line.*$/, "")}`, "Mend it there.", error);
  }
}

function isRecord(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function slug(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
