import { expect, test } from "vitest";
import { formatFigure, formatNumber, renderTable } from "../harness/table.ts";

test("a table is Markdown with numbers at the right", () => {
  const table = renderTable({
    columns: [{ title: "contender" }, { title: "tasks/s", number: true }],
    rows: [["ours", "1,234"]],
  });

  expect(table).toBe("| contender | tasks/s |\n| --- | ---: |\n| ours | 1,234 |");
});

test("a pipe or a line break in a cell does not break the table", () => {
  const table = renderTable({ columns: [{ title: "reason" }], rows: [["a | b\nc"]] });

  expect(table.split("\n").at(-1)).toBe("| a \\| b c |");
});

test("a row that does not fit its columns is refused", () => {
  expect(() => renderTable({ columns: [{ title: "one" }], rows: [["a", "b"]] })).toThrow(RangeError);
});

test("a figure shows its median first and then between what it lies", () => {
  expect(formatFigure({ median: 7654.4, min: 900, max: 12345.6, n: 3 })).toBe("7,654 (900-12,346)");
  expect(formatFigure({ median: 1.2, min: 1, max: 1.256, n: 3 }, 2)).toBe("1.20 (1.00-1.26)");
  expect(formatNumber(0.5, 1)).toBe("0.5");
});
