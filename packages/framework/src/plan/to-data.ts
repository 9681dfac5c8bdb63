/** From the nodes of a YAML document to plain data. */
import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { deepestData } from "./scan.ts";

interface NodeProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

interface Anchored {
  readonly value: unknown;
  /** Values inside, aliases followed; `null` while the anchor's own value is still being read. */
  readonly size: number | null;
}

interface Walk {
  readonly anchors: Map<string, Anchored>;
  readonly problems: NodeProblem[];
  /** Values so far, as often as aliases repeat them. */
  size: number;
  /** How many of those came through aliases. */
  repeated: number;
  depth: number;
}

// A few lines of aliases of aliases stand for billions of values.
const mostRepeated = 1_000_000;

/**
 * The data of a document, with what the parser lets pass refused: keys used
 * twice, keys that are no text, aliases that name nothing, stand for
 * themselves or multiply beyond reason.
 *
 * @internal
 */
export function toData(root: Node | null): {
  readonly data: unknown;
  readonly problems: readonly NodeProblem[];
} {
  const walk: Walk = { anchors: new Map(), problems: [], size: 0, repeated: 0, depth: 0 };
  return { data: dataOf(root, walk), problems: walk.problems };
}

function dataOf(node: unknown, walk: Walk): unknown {
  if (isAlias(node)) return aliased(node.source, offsetOf(node), walk);
  const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
  if (anchor !== undefined) walk.anchors.set(anchor, { value: undefined, size: null });
  const before = walk.size;
  walk.size += 1;
  const value = plainDataOf(node, walk);
  if (anchor !== undefined) walk.anchors.set(anchor, { value, size: walk.size - before });
  return value;
}

function plainDataOf(node: unknown, walk: Walk): unknown {
  if (isScalar(node)) return node.value;
  if (walk.depth === deepestData) {
    report(
      walk,
      offsetOf(node),
      `nests deeper than ${deepestData} levels`,
      "Check the brackets and indents here.",
    );
    return null;
  }
  walk.depth += 1;
  const value = isSeq(node) ? listOf(node, walk) : isMap(node) ? recordOf(node, walk) : null;
  walk.depth -= 1;
  return value;
}

function listOf(list: YAMLSeq, walk: Walk): unknown[] {
  return list.items.map((item) => dataOf(item, walk));
}

function recordOf(map: YAMLMap, walk: Walk): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const { key, value } of map.items) {
    if (!isScalar(key)) {
      report(walk, offsetOf(key ?? map), "a key must be plain text", "Write `key: value`.");
      continue;
    }
    const name = String(key.value ?? "");
    if (entries.has(name)) {
      report(walk, offsetOf(key), `the key \`${name.slice(0, 60)}\` stands twice`, "Keep one of the two.");
    }
    entries.set(name, dataOf(value, walk));
  }
  // Not by assignment: a key called `__proto__` must stay a key.
  return Object.fromEntries(entries);
}

function aliased(name: string, offset: number, walk: Walk): unknown {
  const target = walk.anchors.get(name);
  if (target === undefined || target.size === null) {
    const message =
      target === undefined
        ? `the alias \`*${name}\` names nothing`
        : `the alias \`*${name}\` contains itself`;
    report(walk, offset, message, `Put \`&${name}\` on an earlier value.`);
    return null;
  }
  walk.size += target.size;
  walk.repeated += target.size;
  if (walk.repeated > mostRepeated) {
    const message = `aliases repeat more than ${mostRepeated} values`;
    // One report is enough, and every further alias would add one.
    if (walk.problems.at(-1)?.message !== message)
      report(walk, offset, message, "Write the values out, or use `defaults`.");
    return null;
  }
  return target.value;
}

function report(walk: Walk, offset: number, message: string, hint: string): void {
  walk.problems.push({ offset, message, hint });
}

function offsetOf(node: unknown): number {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
}
