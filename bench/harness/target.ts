/** Judges a figure against what was to be reached. By the median: single runs on a shared machine are noise. */
import type { Figure } from "./figure.ts";
import type { Target } from "./report.ts";
import { formatFigure, formatNumber } from "./table.ts";

export interface Bound {
  readonly what: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit?: string;
  readonly digits?: number;
}

/** `figure` is undefined when it could not be measured; the target is then missed. */
export function targetOf(bound: Bound, figure: Figure | undefined): Target {
  const { what, least, most, unit = "", digits = 0 } = bound;
  const limit = least ?? most ?? 0;
  const reach = `${least === undefined ? "at most" : "at least"} ${formatNumber(limit, Number.isInteger(limit) ? 0 : 2)}${unit}`;
  if (figure === undefined) return { what, reach, measured: null, met: false };
  const met = figure.median >= (least ?? -Infinity) && figure.median <= (most ?? Infinity);
  return { what, reach, measured: `${formatFigure(figure, digits)}${unit}, n=${figure.n}`, met };
}
