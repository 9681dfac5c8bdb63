/** One line per thing that was tested, as it happens, and the counts at the end. */
import type { CheckResult } from "../lib/results.ts";

export interface Report {
  /** Runs `work`; it fails by throwing, and the next one runs all the same. */
  check(what: string, work: () => Promise<string | undefined> | string | undefined): Promise<boolean>;
  counts(): CheckResult;
}

export function createReport(): Report {
  let passed = 0;
  let failed = 0;
  return {
    async check(
      what: string,
      work: () => Promise<string | undefined> | string | undefined,
    ): Promise<boolean> {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      try {
        const said = await work();
        passed += 1;
        console.log(`ok      ${what}${said === undefined ? "" : `: ${said}`} (${seconds()})`);
        return true;
      } catch (error) {
        failed += 1;
        console.error(`${error instanceof Error ? error.message : error}\nFAILED  ${what} (${seconds()})`);
        return false;
      }
    },
    counts(): CheckResult {
      return { passed, failed };
    },
  };
}
