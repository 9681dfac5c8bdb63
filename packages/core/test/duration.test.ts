import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../src/duration.ts";

test.each([
  ["1ms", 1],
  ["90s", 90_000],
  ["10m", 600_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  ["0.25s", 250],
  ["0.1ms", 1],
  ["366d", 366 * 86_400_000],
])("%s is %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "10",
  "-5m",
  "0s",
  "0.000s",
  "1e3s",
  "10 m",
  "10min",
  "m",
  "NaNs",
  "Infinityms",
  "367d",
  "999999999d",
  "1.2345s",
  "١s",
  "5S",
  "5m\n",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, "0ms"],
  [-1, "0ms"],
  [Number.NaN, "0ms"],
  [850, "850ms"],
  [999.7, "1.0s"],
  [12_345, "12.3s"],
  [59_960, "1m 00s"],
  [245_000, "4m 05s"],
  [3_599_700, "1h 00m"],
  [7_800_000, "2h 10m"],
  [86_399_999, "1d 00h"],
  [273_600_000, "3d 04h"],
])("%d milliseconds are shown as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("any whole number of milliseconds up to a year survives being written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 * 86_400_000 }), (ms) => {
      const written =
        ms < 1_000_000_000 ? `${ms}ms` : `${Math.floor(ms / 1_000)}.${String(ms % 1_000).padStart(3, "0")}s`;
      expect(parseDuration(written)).toBe(ms);
    }),
  );
});
