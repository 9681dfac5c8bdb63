import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  buildLocalMdOptions,
  readStateBlock,
  removeStateBlock,
  writeLocalMd,
  writeStateBlock,
} from "mai-project-system";
import { expect, test } from "vitest";

/** Text of any kind, and what is most likely to be mistaken for something of ours. */
const piece = fc.constantFrom(
  ...["\n", "\r\n", "\r", "a", " ", "# Mine", "é", "\ufeff", "```", "|", "<!--", "-->"],
  "<!-- mai:state end -->",
  "Saved state: `.mai/state/state-0123456789abcdef.json`",
  "All of it: `.mai/state/session-0123456789abcdef.md`",
);
const prose = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(piece, { maxLength: 12 }).map((all) => all.join("")),
);
const startMark = fc.constant("<!-- mai:state v1 digest=0123456789abcdef -->");
const userBytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).filter(([first]) => first !== 0xff && first !== 0xfe),
  fc.array(fc.oneof(piece, startMark), { maxLength: 12 }).map((all) => Buffer.from(all.join(""))),
);
/** A start with an end behind it is a block, ours or not. */
const holdsBlock = (bytes: Buffer): boolean =>
  /^<!-- mai:state v1[\s\S]*^<!-- mai:state end -->/m.test(bytes.toString("latin1"));

const write = fc.record({
  kind: fc.constantFrom("local" as const, "text" as const, "data" as const),
  texts: fc.array(prose, { maxLength: 40 }),
  times: fc.constantFrom(1, 1, 1, 60),
});

function apply(
  path: string,
  { kind, texts, times }: { kind: string; texts: readonly string[]; times: number },
): number {
  const all = texts.map((text) => text.repeat(times));
  if (kind === "text") return writeStateBlock(path, { text: all.join("\n") }).characters;
  if (kind === "data") return writeStateBlock(path, { data: all }).characters;
  const todos = all.map((content) => ({ content, status: "pending" as const, activeForm: content }));
  const agents = all.map((id) => ({ id, task: id, status: "running" as const }));
  return writeLocalMd(path, buildLocalMdOptions(all[0] ?? "", todos, all, all, agents, new Date(0)))
    .characters;
}

test("whatever is written and however often, the user's bytes stay, and the block has at most 4,000 characters", () => {
  const folder = mkdtempSync(join(tmpdir(), "mai-block-"));
  const path = join(folder, "CLAUDE.local.md");
  try {
    fc.assert(
      fc.property(
        userBytes,
        userBytes,
        fc.array(write, { minLength: 1, maxLength: 4 }),
        (before, after, writes) => {
          fc.pre(
            !holdsBlock(Buffer.from(before)) &&
              !holdsBlock(Buffer.concat([before, Buffer.from("\n"), after])),
          );
          writeFileSync(path, before);
          const [first, ...more] = writes;
          if (first !== undefined) apply(path, first);
          // Somebody goes on writing behind our block.
          writeFileSync(path, Buffer.concat([readFileSync(path), after]));
          for (const each of more) {
            const told = apply(path, each);
            const whole = readFileSync(path);
            const block = whole.subarray(before.length, whole.length - after.length).toString("utf8");
            expect(block.length).toBeLessThanOrEqual(4_000);
            expect(told).toBeLessThanOrEqual(4_000);
            expect(whole.subarray(0, before.length).equals(Buffer.from(before))).toBe(true);
            expect(whole.subarray(whole.length - after.length).equals(Buffer.from(after))).toBe(true);
            expect(readStateBlock(path)).toMatchObject({ ok: true, edited: false });
          }
          removeStateBlock(path);
          expect(readFileSync(path).equals(Buffer.concat([before, after]))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("data comes back as it was", () => {
  const folder = mkdtempSync(join(tmpdir(), "mai-block-"));
  const path = join(folder, "CLAUDE.local.md");
  try {
    fc.assert(
      fc.property(fc.jsonValue(), prose, fc.constantFrom(1, 500), (value, text, times) => {
        const data = { value, filler: "x".repeat(times * 10) };
        writeStateBlock(path, { text, data });

        expect(JSON.stringify(readStateBlock(path))).toContain(JSON.stringify({ data }).slice(1, -1));
      }),
      { numRuns: 200 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
