/**
 * Requests that agent programs make beside the conversation. They repeat the
 * user's text, script included, and must not use up a step.
 */
import { extractScripts } from "./extract.ts";
import { isObject, listOf, objectOf } from "./json.ts";
import { locate } from "./locate.ts";
import { script } from "./script.ts";
import type { ModelRequest } from "./wire.ts";

/** @internal */
export interface SideRequest {
  readonly kind: "structured" | "title" | "summary";
  /** What to answer. */
  readonly text: string;
}

/** `null` for a turn of the conversation itself. @internal */
export function sideRequest(request: ModelRequest): SideRequest | null {
  if (request.tools.length === 0 && isObject(request.schema)) {
    return { kind: "structured", text: JSON.stringify(sampleOf(request.schema)) };
  }
  // OpenCode's title request: the same user text, no tools, and a system prompt that asks for a title.
  if (request.tools.length === 0 && /\btitle\b/i.test(request.system))
    return { kind: "title", text: "Fake title" };
  if (asksForSummary(request)) return { kind: "summary", text: summaryOf(request) };
  return null;
}

const summaryPattern =
  /(create|write|produce) a (detailed |concise |structured )*summary|summar(y|ize) (of )?(the|this|our) conversation|context checkpoint compaction/i;

function asksForSummary({ messages }: ModelRequest): boolean {
  const last = messages.at(-1);
  if (last?.role !== "user" || !summaryPattern.test(last.text)) return false;
  const { sources, problem } = extractScripts(last.text);
  return sources.length === 0 && problem === null;
}

/** The history is thrown away after a compaction, so the summary hands on the steps that are left. */
function summaryOf(request: ModelRequest): string {
  const position = locate(request.messages);
  const left = position === null ? "" : ` ${script(position.steps.slice(position.index))}`;
  return `<analysis>fake</analysis><summary>Fake summary: the task goes on.${left}</summary>`;
}

/** The plainest value that follows a JSON schema as far as agent programs use them: types, enums, required shapes. */
function sampleOf(value: unknown, depth = 0): unknown {
  const schema = objectOf(value);
  if (schema["const"] !== undefined) return schema["const"];
  const [first] = listOf(schema["enum"]);
  if (first !== undefined) return first;
  const [choice] = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
  if (choice !== undefined && depth < 16) return sampleOf(choice, depth + 1);

  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (typeof type === "string" ? type.toLowerCase() : "object") {
    case "string":
      return "fake";
    case "integer":
    case "number":
      return schema["minimum"] ?? 0;
    case "boolean":
      return false;
    case "null":
      return null;
    case "array":
      return [];
    default:
      if (depth >= 16) return {};
      return Object.fromEntries(
        Object.entries(objectOf(schema["properties"])).map(([name, field]) => [
          name,
          sampleOf(field, depth + 1),
        ]),
      );
  }
}
