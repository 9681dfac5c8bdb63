import { expect, test } from "vitest";
import { inRounds, rotate } from "../harness/rounds.ts";

test("contenders take turns, and each round another one begins", async () => {
  const order: string[] = [];

  const outcomes = await inRounds(["a", "b", "c"], 3, async (name, round) => {
    order.push(name);
    return `${name}${round}`;
  });

  expect(order.join("")).toBe("abcbcacab");
  expect(outcomes.get("b")).toEqual({ ok: true, runs: ["b0", "b1", "b2"] });
});

test("a contender that fails is named with its reason, is not tried again, and leaves the others alone", async () => {
  let tries = 0;

  const outcomes = await inRounds(["good", "bad"], 3, async (name) => {
    if (name === "good") return 1;
    tries++;
    throw new Error("no such library");
  });

  expect(tries).toBe(1);
  expect(outcomes.get("bad")).toEqual({ ok: false, reason: "no such library" });
  expect(outcomes.get("good")).toEqual({ ok: true, runs: [1, 1, 1] });
});

test("rotating nothing gives nothing", () => {
  expect(rotate([], 5)).toEqual([]);
  expect(rotate([1, 2, 3], 4)).toEqual([2, 3, 1]);
});
