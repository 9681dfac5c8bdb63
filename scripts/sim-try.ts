import { drawWorld } from "../packages/testkit/src/sim/draw-world.ts";
import { simulate, traceOf, fingerprintOf } from "../packages/testkit/src/sim/simulate.ts";
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 1);
for (let seed = from; seed < from + n; seed++) {
  const t0 = performance.now();
  const sim = await simulate(drawWorld(seed));
  const trace = traceOf(sim);
  if (n === 1) console.log(trace.map((l) => l.slice(0, 260)).join("\n"));
  console.log(seed, fingerprintOf(trace), trace.length, sim.stuck, (performance.now() - t0).toFixed(0), sim.history.at(-1)?.atMs, JSON.stringify(sim.history.filter(f => f.type === "broken").slice(0,2)));
}
