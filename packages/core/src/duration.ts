/** Lengths of time as people write and read them. Inside, a duration is a number of milliseconds. */

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The longest duration that may be written: a year, so that sums of many stay exact. @public */
export const longestDurationMs: number = 366 * 86_400_000;

/** What a written duration looks like, as the source of a regular expression. @public */
export const durationPattern = "^(?=.*[1-9])[0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h|d)$";

const duration = new RegExp(durationPattern, "u");

/**
 * Milliseconds of a positive number and a unit (`ms`, `s`, `m`, `h`, `d`), such
 * as `90s` or `1.5h`; at least 1. `undefined` for anything else, and for more
 * than a year.
 *
 * @public
 */
export function parseDuration(text: string): number | undefined {
  const unit = duration.exec(text)?.[2];
  if (unit === undefined) return undefined;
  const ms = Math.max(1, Math.round(Number(text.slice(0, -unit.length)) * (units[unit] ?? Number.NaN)));
  return ms <= longestDurationMs ? ms : undefined;
}

/** A duration for people, two units at most: `850ms`, `12.3s`, `4m 05s`, `2h 10m`, `3d 04h`. @public */
export function formatDuration(ms: number): string {
  if (!(ms > 0)) return "0ms";
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
