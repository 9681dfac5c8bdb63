import type { TaskState } from "mai-orchestration-core";
import { foldJournal } from "mai-orchestration-engine";
import { describe, expect, test } from "vitest";
import {
  canonicalJournal,
  checkAlone,
  checkCaps,
  checkFold,
  checkJournal,
  checkSequence,
} from "../src/index.ts";
import { both, failed, planted } from "./support/broken-journals.ts";
import { answered, journalOf, lost, started, succeeded, type Told, whole } from "./support/journal.ts";

test("a journal that obeys every law is not complained of", () => {
  expect(checkJournal(whole, new Map([["agent", 2]]))).toEqual([]);
  expect(checkAlone(whole)).toEqual([]);
  expect(checkFold(whole, "run-1", [...foldJournal("run-1", whole).values()])).toEqual([]);
});

describe("a planted violation is found:", () => {
  test.each(planted)("%s", (_what, check, told) => {
    expect(check(journalOf(...told))).toHaveLength(1);
  });

  test.each(planted.filter(([, check]) => check !== checkAlone && check.name !== ""))(
    "%s, by the check of everything too",
    (_what, _check, told) => {
      expect(checkJournal(journalOf(...told))).not.toEqual([]);
    },
  );

  test("entries whose numbers do not rise", () => {
    const [first, second, third] = whole;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("Three are there");

    expect(checkSequence([first, third, second])).toHaveLength(1);
    expect(checkSequence([first, second, second])).toHaveLength(1);
    expect(checkSequence([first, third])).toEqual([]);
  });

  test("rows that are not the fold", () => {
    const rows: readonly TaskState[] = [...foldJournal("run-1", whole).values()];

    expect(
      checkFold(
        whole,
        "run-1",
        rows.map((row) => ({ ...row, losses: 7 })),
      ),
    ).toHaveLength(3);
    expect(checkFold(whole, "run-1", rows.slice(1))).not.toEqual([]);
    expect(checkFold(whole, "run-1", [])).toHaveLength(1);
  });
});

test("rows of a store with other runs are compared without the numbers that those took", () => {
  const rows = [...foldJournal("run-1", whole).values()];

  expect(
    checkFold(
      whole,
      "run-1",
      rows.map((row) => ({ ...row, sequence: row.sequence + 40 })),
    ),
  ).toEqual([]);
});

test("an agent's slots are free again after every kind of end", () => {
  const ends: Told[][] = [[lost("a")], [failed], [answered("a"), succeeded("a")]];
  ends.push([["a", { type: "task.cancelled", attempt: 1, reason: "no longer wanted" }]]);

  for (const end of ends) {
    const journal = journalOf(...both, started("a"), ...end, started("b"));
    expect(checkCaps(journal, new Map([["agent", 1]]))).toEqual([]);
  }
});

test("journals of stores that did the same are equal but for numbers", () => {
  const shifted = whole.map((entry) => ({ ...entry, seq: entry.seq * 10 }));

  expect(canonicalJournal(shifted)).toEqual(canonicalJournal(whole));
  expect(canonicalJournal(whole.slice(1))).not.toEqual(canonicalJournal(whole));
});
