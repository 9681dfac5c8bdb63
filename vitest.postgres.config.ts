import { defineConfig } from "vitest/config";

// Tests against a real Postgres, which they start themselves; MAI_TEST_POSTGRES_URL names another one. Apart from the
// others because servers, workers and their deaths take their time.
export default defineConfig({
  resolve: { conditions: ["mai-source"] },
  ssr: { resolve: { conditions: ["mai-source"] } },
  test: {
    include: ["packages/*/test/**/*.postgres.test.ts", "test/**/*.postgres.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["packages/store-postgres/test/support/global-server.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
});
