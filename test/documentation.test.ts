/** What is public says what it is for: editors show callers nothing else. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../scripts/lib/repository.ts";

const docComment = /\/\*\*(?<text>(?:(?!\*\/)[\s\S])*)\*\//g;

/** What a comment says before its first tag. */
function sentenceOf(text: string): string {
  const [said = ""] = text.replaceAll(/^\s*\*/gm, "").split(/(?:^|\s)@[a-z]/i);
  return said.trim();
}

/** Comments that make something public and say nothing of it, as `line`. */
function silentComments(source: string): readonly number[] {
  return [...source.matchAll(docComment)]
    .filter(({ groups }) => /@public\b/.test(groups?.["text"] ?? ""))
    .filter(({ groups }) => !/[.;:)`]$/.test(sentenceOf(groups?.["text"] ?? "")))
    .map(({ index }) => source.slice(0, index).split("\n").length);
}

test("every public export has a sentence", () => {
  const paths = globSync("packages/*/src/**/*.ts", { cwd: repositoryRoot });

  const silent = paths.flatMap((path) =>
    silentComments(readFileSync(join(repositoryRoot, path), "utf8")).map((line) => `${path}:${line}`),
  );

  expect(paths.length).toBeGreaterThan(100);
  expect(silent).toEqual([]);
});

test("a tag alone is noticed, and so is one among other tags", () => {
  const source = `/** @public */\na\n/** Says it. @public */\nb\n/**\n * @param c - d\n * @public\n */\ne`;

  expect(silentComments(source)).toEqual([1, 5]);
});
