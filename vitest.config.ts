import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Tests run the sources: the condition "mai-source" stands first in every package's exports.
export default defineConfig({
  resolve: { conditions: ["mai-source"] },
  ssr: { resolve: { conditions: ["mai-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts", "bench/test/**/*.test.ts"],
    exclude: [
      "**/node_modules/**",
      "**/dist/**",
      "**/*.claude.test.ts",
      "**/*.agents.test.ts",
      "**/*.postgres.test.ts",
    ],
    // Waiting for a condition ends with the test, not before: a busy machine is no failure.
    expect: { poll: { timeout: 25_000 } },
    testTimeout: 30_000,
    // Most tests wait for processes more than they compute; by default a machine of two cores would do one file at a time.
    maxWorkers: Math.max(3, availableParallelism()),
  },
});
