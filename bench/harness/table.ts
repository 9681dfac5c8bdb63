/** Markdown tables and the numbers in them. */
import type { Figure } from "./figure.ts";

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly number?: boolean;
}

export function renderTable({ columns, rows }: Table): string {
  const titles = columns.map((column) => column.title);
  const rule = columns.map((column) => (column.number === true ? "---:" : "---"));
  for (const row of rows) {
    if (row.length !== columns.length)
      throw new RangeError(`A row of ${row.length} under ${columns.length} columns`);
  }
  return [titles, rule, ...rows].map(renderRow).join("\n");
}

/** `1,234 (1,100-1,300)`: the median, and between which runs it lies. */
export function formatFigure(figure: Figure, digits = 0): string {
  return `${formatNumber(figure.median, digits)} (${formatNumber(figure.min, digits)}-${formatNumber(figure.max, digits)})`;
}

export function formatNumber(value: number, digits = 0): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function renderRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}
