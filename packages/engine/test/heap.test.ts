import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../src/store/heap.ts";

test("items come out in order, whatever the order they were put in, equal ones included", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (items) => {
      const heap = new Heap<number>((a, b) => a - b);
      for (const item of items) heap.push(item);

      expect(heap.size).toBe(items.length);
      expect(items.map(() => heap.pop())).toEqual([...items].sort((a, b) => a - b));
      expect(heap.size).toBe(0);
    }),
  );
});

test("between any pushes and pops the smallest item is next", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20)), { maxLength: 100 }), (steps) => {
      const heap = new Heap<number>((a, b) => a - b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect(heap.peek()).toBe(model[0]);
        expect(heap.size).toBe(model.length);
      }
    }),
  );
});

test("an empty heap gives nothing", () => {
  const heap = new Heap<number>((a, b) => a - b);

  expect(heap.pop()).toBeUndefined();
  expect(heap.peek()).toBeUndefined();
  expect(heap.size).toBe(0);
});
