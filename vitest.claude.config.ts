import { defineConfig } from "vitest/config";

// Tests in which the real Claude Code works against the fake model. Apart from the others because they
// need its program, which the first of them installs into a cache folder.
export default defineConfig({
  resolve: { conditions: ["mai-source"] },
  ssr: { resolve: { conditions: ["mai-source"] } },
  test: {
    include: ["packages/*/test/**/*.claude.test.ts", "test/**/*.claude.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // Waiting for a condition ends with the test, not before: a busy machine is no failure.
    expect: { poll: { timeout: 25_000 } },
    testTimeout: 180_000,
    // Installing the program counts here: 360 MB.
    hookTimeout: 900_000,
    retry: 0,
  },
});
