import type { Store } from "mai-orchestration-engine";
import { describeStore, type OpenStore } from "mai-orchestration-testkit/suites";
import { inject } from "vitest";
import { openPostgresStore } from "../src/index.ts";
import { giveBack, takeNamespace, urlOf } from "./support/namespaces.ts";

const server = inject("postgresUrl");

const open: OpenStore = async (clock) => {
  const schema = takeNamespace();
  const opened: Store[] = [];
  const openAgain = (): Store => {
    const url = urlOf(server, schema);
    // The suite moves time by hours, and renews nothing.
    const store = openPostgresStore({ url, clock, time: "clock", leaseMs: 3_600_000 });
    opened.push(store);
    return store;
  };
  return {
    store: openAgain(),
    reopen: async () => openAgain(),
    async destroy() {
      for (const store of opened) await store.close();
      await giveBack(server, schema);
    },
  };
};

describeStore("postgres", open, { manyTasks: 1_000, randomLives: 25 });
