import { describeStore } from "mai-orchestration-testkit/suites";
import { memoryStore } from "../src/index.ts";

describeStore(
  "memory",
  async (clock) => {
    const store = memoryStore(clock);
    return { store, destroy: () => store.close() };
  },
  { manyTasks: 10_000, randomLives: 300 },
);
