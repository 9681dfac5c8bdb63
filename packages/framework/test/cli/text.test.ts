import fc from "fast-check";
import { expect, test } from "vitest";
import { ago, clockTime, costText, dollars, tokens } from "../../src/cli/text/amounts.ts";
import { columnsOf, sizeOf, tableLines } from "../../src/cli/text/table.ts";
import { fill, fit, oneLine, widthOf } from "../../src/cli/text/text.ts";

test("text from outside becomes one line without anything that moves a cursor", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must be gone.
      expect(oneLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    }),
  );
  expect(oneLine("a\u001b[2Jb\r\nc\u001b]8;;http://x\u0007d")).toBe("ab cd");
});

test("text is cut to the columns it may take, wide characters included", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (given, columns) => {
      const text = oneLine(given);
      expect(widthOf(fit(text, columns))).toBeLessThanOrEqual(columns);
      expect(widthOf(fill(text, columns))).toBe(columns);
    }),
  );
  expect(fit("abcdef", 4)).toBe("abc…");
  expect(fit("文字文字", 5)).toBe("文字…");
});

test("a table lines up, and its widest column gives way on a narrow terminal", () => {
  const rows = [
    [{ text: "id" }, { text: "N", right: true }, { text: "REASON" }],
    [{ text: "a" }, { text: "12", right: true }, { text: "a reason that is much longer than the rest" }],
  ];

  expect(tableLines(rows, Number.POSITIVE_INFINITY)).toEqual([
    "id   N  REASON",
    "a   12  a reason that is much longer than the rest",
  ]);
  for (const line of tableLines(rows, 30)) expect(widthOf(line)).toBeLessThanOrEqual(30);
  expect(tableLines(rows, 30)[1]).toBe("a   12  a reason that is much…");
});

test("amounts are short, and unknown is never 0", () => {
  expect([0, 59_999, 61_000, 3_723_000].map(clockTime)).toEqual(["0:00", "0:59", "1:01", "1:02:03"]);
  expect([0, 999, 12_400, 65_000, 7_300_000, 200_000_000].map(ago)).toEqual([
    "now",
    "now",
    "12s ago",
    "1m ago",
    "2h ago",
    "2d ago",
  ]);
  expect([null, 0, 0.0042, 1.5].map(dollars)).toEqual(["?", "$0", "$0.0042", "$1.50"]);
  expect([null, 950, 12_300, 4_500_000].map(tokens)).toEqual(["?", "950", "12.3k", "4.5M"]);
  expect(costText({ atLeastUsd: 0, unknownParts: 0 })).toBe("");
  expect(costText({ atLeastUsd: 0, unknownParts: 2 })).toBe("cost of 2 unknown");
});

test("a terminal that reports no size counts as one of 80 columns and 24 rows", () => {
  const nowhere = {
    isTTY: true,
    columns: 0,
    rows: 0,
    write: () => undefined,
    drained: async () => undefined,
  };

  expect(sizeOf(nowhere)).toEqual({ columns: 80, rows: 24 });
  expect([columnsOf(nowhere), columnsOf({ ...nowhere, columns: 10 })]).toEqual([80, 20]);
  expect(columnsOf({ ...nowhere, isTTY: false })).toBe(Number.POSITIVE_INFINITY);
});

test("a column that is kept is cut last, and no line gets wider than the terminal for it", () => {
  const id = "an-id-that-people-type-again";
  const rows = [[{ text: id, keep: true }, { text: "a name of some length" }, { text: "unverified" }]];

  for (const columns of [70, 50, 42, 41]) expect(tableLines(rows, columns)[0]).toContain(`${id}  `);
  expect(tableLines(rows, 40)[0]).toBe("an-id-that-people-type-again  a n…  unv…");
  for (const columns of [40, 30, 20]) expect(widthOf(tableLines(rows, columns)[0] ?? "")).toBe(columns);
});
