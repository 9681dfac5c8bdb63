/** The parsers on what the real programs printed, recorded by `npm run test:agents -- --record`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { foldUpdate } from "../src/acp/stream.ts";
import { recordOf } from "../src/claude-code/json.ts";
import { foldCodex } from "../src/codex/stream.ts";
import { foldGemini } from "../src/gemini/stream.ts";
import { foldOpenCode } from "../src/opencode/stream.ts";
import { nothingTold, type Told } from "../src/program/told.ts";
import { foldQwen } from "../src/qwen/stream.ts";
import { fixture } from "./helpers.ts";

type Fold = (told: Told, line: string) => Told;

const folds: Readonly<Record<string, Fold>> = {
  codex: foldCodex,
  opencode: foldOpenCode,
  gemini: foldGemini,
  qwen: foldQwen,
  acp: foldMessage,
};

/** What an ACP agent says of its work; the answer to the prompt is the SDK's to read. */
function foldMessage(told: Told, line: string): Told {
  if (!line.startsWith('{"jsonrpc"')) return told;
  const update = recordOf(recordOf(recordOf(JSON.parse(line))?.["params"])?.["update"]);
  return update === null ? told : foldUpdate(told, update);
}

const answered = { type: "answered" };
const failed = (kind: string): object => ({ type: "failed", kind });

/** By the name of the file; of all others only that nothing in them throws. */
const endings: Readonly<Record<string, object | null>> = {
  "a-file-is-really-written": answered,
  "a-command-that-is-allowed-runs": answered,
  "a-permission-that-is-refused-is-an-issue-of-the-result": answered,
  "usage-is-exact-to-the-token": answered,
  "an-error-of-the-service-that-passes-is-survived": answered,
  "without-a-login-the-attempt-ends-so": failed("login"),
  "a-request-that-the-service-refuses-is-not-worth-another-try": failed("permanent"),
  "cancelled-in-the-midst-of-a-tool-s-call-nothing-is-left": null,
};

const root = fixture("recorded");
const folders = readdirSync(root).filter((name) => !name.startsWith("claude-code-"));

describe.each(folders)("%s", (folder) => {
  const name = folder.split("-", 1)[0] ?? "";
  const fold = folds[name];
  const toldIn = (file: string): Told => {
    if (fold === undefined) throw new Error(`no parser for ${folder}`);
    return readFileSync(join(root, folder, file), "utf8")
      .split("\n")
      .reduce(fold, nothingTold);
  };

  test.each(readdirSync(join(root, folder)))("%s", (file) => {
    const told = toldIn(file);
    const expected = endings[file.replace(".jsonl", "")];
    if (name === "acp" || expected === undefined) return;
    if (expected === null) expect(told.ending).toBeNull();
    else expect(told.ending).toMatchObject(expected);
    expect(told.sessionId).not.toBeNull();
  });

  test("the last that the model said is the answer", () => {
    expect(toldIn("a-file-is-really-written.jsonl").text).toBe("All done.");
  });

  // An ACP agent tells its usage in the answer to the prompt.
  if (name === "acp") return;
  test("usage is that of all requests", () => {
    expect(toldIn("usage-is-exact-to-the-token.jsonl").usage).toMatchObject({
      inputTokens: 2 * (1_234 - 200),
      outputTokens: 2 * 56,
      cacheReadTokens: 2 * 200,
    });
  });
});

test("nothing recorded tells of the machine it was made on", () => {
  for (const folder of readdirSync(root))
    for (const file of readdirSync(join(root, folder)))
      expect(readFileSync(join(root, folder, file), "utf8")).not.toMatch(/\/root\/|127\.0\.0\.1:\d{3}/);
});
