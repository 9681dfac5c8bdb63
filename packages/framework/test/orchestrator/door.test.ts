/** What a caller can name without knowing the packages behind the library. */
import { systemClock } from "mai-orchestration-engine";
import { expect, expectTypeOf, test } from "vitest";
import type {
  Agent,
  AgentReport,
  agentsFrom,
  Capacity,
  Clock,
  capacityOf,
  Durability,
  FunctionTools,
  OrchestratorOptions,
  StartRunInput,
  Store,
} from "../../src/index.ts";

test("the types of what is given and returned have names", () => {
  expectTypeOf<StartRunInput["store"]>().toEqualTypeOf<Store>();
  expectTypeOf<ReturnType<typeof agentsFrom>>().toEqualTypeOf<Agent[]>();
  expectTypeOf<ReturnType<typeof capacityOf>>().toEqualTypeOf<Capacity>();
  expectTypeOf<NonNullable<OrchestratorOptions["durability"]>>().toEqualTypeOf<Durability>();
  expectTypeOf<Parameters<FunctionTools["report"]>[0]>().toEqualTypeOf<AgentReport>();
  const clock: Clock = systemClock;
  expect(clock.now()).toBeGreaterThan(0);
});
