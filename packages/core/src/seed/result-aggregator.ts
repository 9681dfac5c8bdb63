import type { FarmResult } from "../result.ts";
import { type AggregatedResults, aggregateResults, countResults } from "./aggregated-results.ts";

/** Where a batch stands before all results are there. Artifacts and issues as they came, repeats included. @public */
export type PartialResults = Omit<AggregatedResults, "summary" | "nextSteps" | "totalDuration" | "results">;

/** Collects results as they come. @public */
export class ResultAggregator {
  #results: FarmResult[] = [];

  add(result: FarmResult): void {
    this.#results.push(result);
  }

  addAll(results: readonly FarmResult[]): void {
    for (const result of results) this.#results.push(result);
  }

  get count(): number {
    return this.#results.length;
  }

  aggregate(): AggregatedResults {
    return aggregateResults(this.#results);
  }

  getPartial(): PartialResults {
    return {
      ...countResults(this.#results),
      artifacts: this.#results.flatMap((result) => result.artifacts ?? []),
      issues: this.#results.flatMap((result) => result.issues ?? []),
    };
  }

  clear(): void {
    this.#results = [];
  }

  /** A copy. */
  getResults(): FarmResult[] {
    return [...this.#results];
  }
}
