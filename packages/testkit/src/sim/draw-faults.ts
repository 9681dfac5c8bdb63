/** How often things go wrong in a world. */
import type { Random } from "./random.ts";
import type { FaultRates } from "./world.ts";

/** The highest rate of each fault; a world has any part of it, and half of the faults not at all. */
const worst: FaultRates = {
  agentFails: 0.3,
  agentTransient: 0.2,
  agentQuota: 0.15,
  agentPermanent: 0.1,
  agentHangs: 0.2,
  agentAnswersLate: 0.5,
  agentRejects: 0.1,
  agentGarbage: 0.2,
  agentReportsLate: 0.3,
  checkFails: 0.3,
  checkHangs: 0.1,
  storeRejectsBefore: 0.02,
  storeRejectsAfter: 0.02,
  storeBusy: 0.2,
  storeSlow: 0.3,
  dies: 0.04,
  placeFails: 0.05,
  outputLost: 0.5,
};

/** No fault at all. */
export const calm: FaultRates = scaled(() => 0);

export function drawFaults(random: Random): FaultRates {
  if (random.chance(0.05)) return calm;
  return scaled((rate) => (random.chance(0.5) ? 0 : (rate * random.int(1, 100)) / 100));
}

function scaled(scale: (rate: number) => number): FaultRates {
  const entries = Object.entries(worst).map(([name, rate]) => [name, scale(rate)]);
  return Object.fromEntries(entries) as unknown as FaultRates;
}
