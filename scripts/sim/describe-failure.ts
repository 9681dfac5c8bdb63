import type { Examination } from "mai-orchestration-testkit";

/** What a person needs of a seed that broke a promise; the last line replays it. */
export function describeFailure({ seed, broken, faults }: Examination): string {
  const shown = broken.slice(0, 5).map((line) => `  ${line}`);
  const more = broken.length > shown.length ? [`  and ${broken.length - shown.length} more`] : [];
  const rates = Object.entries(faults).map(([name, rate]) => `${name} ${Number(rate).toPrecision(2)}`);
  return [
    `seed ${seed} broke ${broken.length === 1 ? "a promise" : `${broken.length} promises`}:`,
    ...shown,
    ...more,
    `  faults: ${rates.length === 0 ? "none" : rates.join(", ")}`,
    `  npm run sim -- --seeds 1 --from ${seed} --trace`,
  ].join("\n");
}
