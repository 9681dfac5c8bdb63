/** Keeps what an agent program printed, for tests of the parsers without the program. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Done, Scene } from "./scene.ts";

const longest = 300;
const mostListed = 5;

/** Writes to the folder in the environment's `MAI_RECORD`, if any: `codex-0.169.0/a-file-is-really-written.jsonl`. */
export function record(key: string, version: string, title: string, scene: Scene, done: Done): Done {
  const folder = process.env["MAI_RECORD"];
  if (folder === undefined) return done;
  const lines = readFileSync(done.outputFile, "utf8").split("\n");
  const kept = lines.map((line) => withoutPlaces(shorten(line), scene)).join("\n");
  const name = title.replace(/[^a-z]+/g, "-").replace(/-$/, "");
  const file = join(folder, `${key}-${version}`, `${name}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, kept);
  return done;
}

/** Nothing in a line may tell of the machine it was made on. */
function withoutPlaces(line: string, scene: Scene): string {
  const places: readonly [string, string][] = [
    [scene.workspace, "/work"],
    [scene.workspace.replace(/^\//, ""), "work"],
    [scene.workspace.replaceAll(/[/.]/g, "-"), "-work"],
    [scene.home, "/home/user"],
    [dirname(scene.home), "/scene"],
    [scene.model.url, "http://127.0.0.1:1"],
    [new URL(scene.model.url).port, "1"],
    [homedir(), "/home/user"],
    [tmpdir(), "/tmp"],
    [hostname(), "host"],
  ];
  return places.reduce((text, [from, to]) => (from.length < 3 ? text : text.replaceAll(from, to)), line);
}

function shorten(line: string): string {
  if (!line.startsWith("{")) return line.slice(0, longest);
  try {
    return JSON.stringify(shortened(JSON.parse(line)));
  } catch {
    return line.slice(0, longest);
  }
}

function shortened(value: unknown): unknown {
  if (typeof value === "string") return value.length > longest ? `${value.slice(0, longest)}…` : value;
  if (Array.isArray(value)) return value.slice(0, mostListed).map(shortened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shortened(entry)]));
}
