import { defineConfig } from "vitest/config";

// Tests in which real agent programs work against the fake model. The first of each installs its program, at a
// pinned version, into a cache folder.
export default defineConfig({
  resolve: { conditions: ["mai-source"] },
  ssr: { resolve: { conditions: ["mai-source"] } },
  test: {
    include: ["test/agents/*.agents.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 180_000,
    // Installing counts here: 100 to 400 MB each.
    hookTimeout: 900_000,
    maxWorkers: 2,
  },
});
