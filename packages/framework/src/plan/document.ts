/** Text to data: YAML, and JSON as a part of it, with the place of every value. */
import type { DataPath, Locate, Place } from "mai-orchestration-core/plan";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLParseError,
  type YAMLWarning,
} from "yaml";
import { mayRepeatKeys, nestsTooDeeply } from "./scan.ts";
import { toData } from "./to-data.ts";

/** Why a text is no document, and where. @internal */
interface TextProblem {
  readonly message: string;
  readonly place: Place;
  readonly hint: string;
}

/** @internal */
export type DocumentReading =
  | { readonly ok: true; readonly data: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly TextProblem[] };

const tooDeep: DocumentReading = refuse(
  "the file nests too deeply to be meant",
  { line: 1, column: 1 },
  "Check its brackets and dashes.",
);

/** Reads one document. Problems come out as values, whatever the text. @internal */
export function readDocument(text: string): DocumentReading {
  if (nestsTooDeeply(text)) return tooDeep;
  try {
    return readJson(text) ?? readYaml(text);
  } catch (error) {
    // The stack's end: the parser calls itself for every level.
    if (error instanceof RangeError) return tooDeep;
    throw error;
  }
}

/**
 * JSON is also YAML, but reading it so takes many times longer: that is only
 * done once a problem needs its place.
 */
function readJson(text: string): DocumentReading | undefined {
  if (!/^\s*[{[]/u.test(text)) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (mayRepeatKeys(text, data)) return undefined;
  let yaml: DocumentReading | undefined;
  const locate: Locate = (path, part) => {
    yaml ??= readYaml(text);
    return yaml.ok ? yaml.locate(path, part) : undefined;
  };
  return { ok: true, data, locate };
}

function readYaml(text: string): DocumentReading {
  const lines = new LineCounter();
  // Keys used twice are found in `toData`: the library compares each key with each other one.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // Those after the first are mostly its echo.
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong !== undefined) return refuseYaml(wrong, placeAt(wrong.pos[0]));
  const { data, problems } = toData(document.contents);
  if (problems.length > 0) {
    return {
      ok: false,
      problems: problems.map(({ offset, message, hint }) => ({ message, place: placeAt(offset), hint })),
    };
  }
  return { ok: true, data, locate: locateIn(document, placeAt) };
}

function refuseYaml(wrong: YAMLParseError | YAMLWarning, place: Place): DocumentReading {
  if (wrong.code === "MULTIPLE_DOCS") {
    return refuse("a second document starts here", place, "Keep one document per file: remove the `---`.");
  }
  if (wrong.code === "RESOURCE_EXHAUSTION") return tooDeep;
  const line = wrong.message.split("\n")[0] ?? "";
  return refuse(
    `not valid YAML: ${line.slice(0, 200)}`,
    place,
    "Correct it here; often an indent, a colon or a quote.",
  );
}

function refuse(message: string, place: Place, hint: string): DocumentReading {
  return { ok: false, problems: [{ message, place, hint }] };
}

function locateIn(document: Document, placeAt: (offset: number) => Place): Locate {
  return (path, part = "value") => {
    const offset = offsetOf(document.contents, path, part);
    return offset === undefined ? undefined : placeAt(offset);
  };
}

/** What was inserted by an alias stands, for people, where the alias stands. */
function offsetOf(root: Node | null, path: DataPath, part: "key" | "value"): number | undefined {
  let node: unknown = root;
  let keyOffset: number | undefined;
  for (const step of path) {
    if (isAlias(node)) break;
    keyOffset = undefined;
    if (isSeq(node) && typeof step === "number") {
      if (step >= node.items.length) return undefined;
      node = node.items[step];
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return undefined;
      keyOffset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
    } else {
      return undefined;
    }
  }
  const valueOffset = isNode(node) ? node.range?.[0] : undefined;
  const empty = isScalar(node) && node.value === null;
  return part === "key" || empty ? (keyOffset ?? valueOffset) : (valueOffset ?? keyOffset);
}
