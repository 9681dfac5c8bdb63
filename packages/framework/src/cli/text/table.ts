/** Rows in columns, no wider than the terminal. */
import type { Output } from "../io.ts";
import { fill, fit, oneLine, widthOf } from "./text.ts";
import type { Paint } from "./theme.ts";

/** @internal */
export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
  readonly right?: boolean;
  /** Whether its column is cut only when no other can be: it names what people type again. */
  readonly keep?: boolean;
}

const gap = 2;
const narrowest = 8;
/** For columns that make room for one that is kept. */
const stub = 4;

/** The width that text for people may take: a terminal's, else none is kept. @internal */
export function columnsOf(output: Output): number {
  return output.isTTY ? Math.max(20, sizeOf(output).columns) : Number.POSITIVE_INFINITY;
}

/** A terminal's size; some, such as serial ones and those of job runners, report 0 for what they do not know. @internal */
export function sizeOf({ columns, rows }: Pick<Output, "columns" | "rows">): {
  readonly columns: number;
  readonly rows: number;
} {
  return { columns: columns >= 1 ? columns : 80, rows: rows >= 1 ? rows : 24 };
}

/**
 * Lines of equal columns. When they are too wide, the widest column gives way first.
 *
 * @param columns - cells that a line may take
 * @internal
 */
export function tableLines(rows: readonly (readonly Cell[])[], columns: number): string[] {
  const plain = rows.map((row) => row.map((cell) => ({ ...cell, text: oneLine(cell.text) })));
  const natural = widthsOf(plain);
  const kept = natural.map((_, i) => plain.some((row) => row[i]?.keep === true));
  const others = kept.map((keep) => !keep);
  const roomy = shrink(natural, columns, others, narrowest);
  const tight = kept.includes(true) ? shrink(roomy, columns, others, stub) : roomy;
  const widths = shrink(tight, columns, kept, narrowest);
  return plain.map((row) =>
    row
      .map((cell, i) => cellText(cell, widths[i] ?? 0, i === row.length - 1))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell.text));
  }
  return widths;
}

function shrink(
  widths: readonly number[],
  columns: number,
  mayGive: readonly boolean[],
  least: number,
): number[] {
  const given = [...widths];
  let over = given.reduce((sum, width) => sum + width, 0) + gap * (given.length - 1) - columns;
  while (over > 0) {
    const widest = given.reduce(
      (best, width, i) => (mayGive[i] === true && width > (given[best] ?? 0) ? i : best),
      -1,
    );
    const width = given[widest] ?? 0;
    if (width <= least) break;
    given[widest] = width - 1;
    over--;
  }
  return given;
}

function cellText(cell: Cell, width: number, isLast: boolean): string {
  const text = isLast && cell.right !== true ? fit(cell.text, width) : filled(cell, width);
  return cell.paint === undefined ? text : cell.paint(text);
}

function filled(cell: Cell, width: number): string {
  if (cell.right !== true) return fill(cell.text, width);
  const short = fit(cell.text, width);
  return " ".repeat(Math.max(0, width - widthOf(short))) + short;
}

/** A row of headings. @internal */
export function headings(paint: Paint, ...texts: readonly string[]): Cell[] {
  return texts.map((text) => ({ text, paint }));
}
