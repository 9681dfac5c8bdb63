import { drawWorld } from "../packages/testkit/src/sim/draw-world.ts";
import { judge } from "../packages/testkit/src/sim/judge.ts";
import { simulate, traceOf, fingerprintOf } from "../packages/testkit/src/sim/simulate.ts";
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 1);
const kinds = new Map<string, [number, number, string]>();
const t00 = performance.now();
let bad = 0;
for (let seed = from; seed < from + n; seed++) {
  const t0 = performance.now();
  const sim = await simulate(drawWorld(seed));
  const trace = traceOf(sim);
  if (n === 1) console.log(trace.map((l) => l.slice(0, 300)).join("\n"));
  const v = judge(sim);
  const ms = performance.now() - t0;
  if (ms > 1000) console.log("slow", seed, ms.toFixed(0));
  if (n === 1) console.log(v.slice(0, 10).join("\n"));
  if (v.length) bad++;
  for (const name of new Set(v.map((x) => x.split(":")[0] ?? ""))) {
    const e = kinds.get(name) ?? [0, seed, v.find((x) => x.startsWith(name)) ?? ""];
    e[0]++; kinds.set(name, e);
  }
}
console.log(`${n} seeds, ${bad} bad, ${((performance.now() - t00) / n).toFixed(1)} ms/seed`);
for (const [k, e] of kinds) console.log(e[0], "first", e[1], "|", e[2].slice(0, 250));
