import fc from "fast-check";
import { script } from "mai-orchestration-testkit";
import { describe, expect, test } from "vitest";
import { extractScripts } from "../src/fake-model/extract.ts";
import { locate } from "../src/fake-model/locate.ts";
import { readScript } from "../src/fake-model/read-script.ts";
import type { FakeScript, FakeStep } from "../src/fake-model/script.ts";
import type { Message } from "../src/fake-model/wire.ts";

const user = (text: string): Message => ({ role: "user", text });
const model: Message = { role: "model", text: "" };
const tool: Message = { role: "tool", text: "" };

/** What the model would say next. */
function next(...messages: Message[]): string | undefined {
  const position = locate(messages);
  return position === null ? undefined : (position.steps[position.index]?.text ?? "over");
}

const says = (...texts: string[]): FakeStep[] => texts.map((text) => ({ text }));

describe("scripts in a text", () => {
  test("any steps survive the way through a prompt, whatever text stands around them", () => {
    const steps = fc.array(fc.record({ text: fc.string({ unit: "binary" }), tool: fc.string() }), {
      maxLength: 4,
    });
    const prose = fc.string().filter((text) => !text.includes("<<FAKE"));

    fc.assert(
      fc.property(prose, steps, prose, (before, given, after) => {
        const { sources, rest, problem } = extractScripts(`${before}${script(given)}${after}`);

        expect(problem).toBeNull();
        expect(rest).toBe(before + after);
        expect(sources.map(readScript)).toEqual([given]);
      }),
    );
  });

  test("a sub-agent's script belongs to the step that starts the sub-agent", () => {
    const inner = script(says('inner ] } " FAKE>>'));
    const outer: FakeStep[] = [{ tool: "Agent", input: { prompt: `do ${inner}` } }];

    const { sources } = extractScripts(`begin ${script(outer)} end`);

    expect(sources.map(readScript)).toEqual([outer]);
    expect(extractScripts(`do ${inner}`).sources).toHaveLength(1);
  });

  test("prose that mentions the opening is no script", () => {
    expect(extractScripts("write <<FAKE to begin")).toEqual({
      sources: [],
      rest: "write <<FAKE to begin",
      problem: null,
    });
  });

  test.each(["<<FAKE [{]", "<<FAKE [] and no end", '<<FAKE ["open'])("%s is named as a problem", (text) => {
    expect(extractScripts(text).problem).toContain("does not end in FAKE>>");
  });

  test.each([
    ["[1]", "step 1 is not an object"],
    ['[{"txet":"a"}]', "step 1: unknown field txet"],
    ['[{},{"delayMs":-1}]', "step 2: delayMs cannot be -1"],
    ['[{"delayMs":1e9}]', "delayMs cannot be"],
    ['[{"error":200}]', "error cannot be 200"],
    ['[{"toString":1}]', "unknown field toString"],
    ['[{"when":{"prompt":"a"}}]', "when cannot be"],
    ['{"attempts":[[],{}]}', "attempt 2 is not a list"],
    ['{"attempts":[]}', "a script is"],
  ])("%s is refused with place and reason", (source, reason) => {
    expect(() => readScript(source)).toThrow(reason);
  });
});

describe("the place in a script", () => {
  const prompt = user(`Do it. ${script(says("one", "two"))}`);

  test("each turn of the model moves one step on, results of tools do not", () => {
    expect(next(prompt)).toBe("one");
    expect(next(prompt, model, tool)).toBe("two");
    expect(next(prompt, model, tool, user("a reminder"), model)).toBe("over");
  });

  test("a conversation without a script has no place", () => {
    expect(next(user("hello"))).toBeUndefined();
  });

  test("a resumed session whose new prompt carries a script starts that script", () => {
    expect(next(prompt, model, model, user(script(says("again"))))).toBe("again");
  });

  test("a script that a tool read from a file is not obeyed", () => {
    expect(next(prompt, model, { role: "tool", text: script(says("stolen")) })).toBe("two");
  });

  const attempts: FakeScript = { attempts: [says("first", "first, still"), says("second")] };

  test.each([
    ["", "first"],
    ["Attempt 1", "first"],
    ["Attempt 2", "second"],
    ["## Attempt: 2 of 3", "second"],
    ["attempt 7", "second"],
    ["In attempt 2 we failed", "first"],
    ["Attempt 1\nAttempt 2", "second"],
  ])("a prompt with the line '%s' does the steps of attempt '%s'", (line, expected) => {
    expect(next(user(`${script(attempts)}\n${line}\nDo it.`))).toBe(expected);
  });

  test("a resumed session that is only told its attempt does that attempt's steps from the first", () => {
    const begun = [user(script(attempts)), model, tool, model];

    expect(next(...begun, user("Attempt 2\nThe check failed."))).toBe("second");
    expect(next(...begun, user("Attempt 2\nThe check failed."), model)).toBe("over");
    expect(next(...begun, user("The check failed."))).toBe("over");
  });

  test("the word attempt inside a script is not the prompt's", () => {
    const [first] = [{ attempts: [says("\nAttempt 2\n"), says("second")] }];

    expect(next(user(script(first as FakeScript)))).toBe("\nAttempt 2\n");
  });

  test("a step whose condition does not hold is as if it were not written", () => {
    const steps: FakeStep[] = [
      { when: { promptIncludes: "exit code 1" }, text: "repair" },
      { when: { promptLacks: "exit code 1" }, text: "begin" },
      { text: "end" },
    ];

    expect([next(user(script(steps))), next(user(script(steps)), model)]).toEqual(["begin", "end"]);
    const told = user(`${script(steps)} The check ended with exit code 1.`);
    expect([next(told), next(told, model)]).toEqual(["repair", "end"]);
  });
});
