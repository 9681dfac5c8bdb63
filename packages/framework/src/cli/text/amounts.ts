/** Times and money as people read them. */
import { formatDuration, type KnownCost } from "mai-orchestration-core";

/** `0:07`, `12:03`, `1:02:03`: time that is still running, so that it changes by the second. @internal */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const tail = String(seconds % 60).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

/** `12s ago`, `3d ago`: the largest unit is enough. @internal */
export function ago(ms: number): string {
  return ms < 1_000 ? "now" : `${formatDuration(ms).split(/ |\./)[0]?.replace(/(\d)$/, "$1s")} ago`;
}

/** `14:03:59`, by the clock on the wall. @internal */
export function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** `2026-11-22 14:03:59`, by the clock on the wall. @internal */
export function dateAndTime(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${day.join("-")} ${timeOfDay(at)}`;
}

/** Dollars: cents, and more digits for what is less than one. `?` is unknown. @internal */
export function dollars(cost: number | null): string {
  if (cost === null) return "?";
  if (cost === 0) return "$0";
  return cost < 0.01 ? `$${cost.toFixed(4)}` : `$${cost.toFixed(2)}`;
}

/** A sum that may have unknown parts; empty when nothing was spent. @internal */
export function costText({ atLeastUsd, unknownParts }: KnownCost): string {
  const unknown = `${unknownParts} unknown`;
  if (atLeastUsd === 0) return unknownParts === 0 ? "" : `cost of ${unknown}`;
  return unknownParts === 0 ? dollars(atLeastUsd) : `${dollars(atLeastUsd)} + ${unknown}`;
}

/** Tokens: `950`, `12.3k`, `4.5M`; `?` is unknown. @internal */
export function tokens(count: number | null): string {
  if (count === null) return "?";
  if (count < 1_000) return String(count);
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}
