import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "mai-orchestration-engine";
import { describeStore, type OpenStore } from "mai-orchestration-testkit/suites";
import { openSqliteStore } from "../src/index.ts";
import { newFolder } from "./support/folder.ts";

const open: OpenStore = async (clock) => {
  const folder = await newFolder();
  const path = join(folder, "mai.db");
  const opened: Store[] = [];
  const openAgain = (): Store => {
    // What a power cut does is tested elsewhere; here the disk would only be slow.
    const store = openSqliteStore({ path, clock, durability: "normal" });
    opened.push(store);
    return store;
  };
  return {
    store: openAgain(),
    reopen: async () => openAgain(),
    async destroy() {
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    },
  };
};

describeStore("sqlite", open, { manyTasks: 10_000, randomLives: 100 });
