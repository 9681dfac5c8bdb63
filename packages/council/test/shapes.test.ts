import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decisionOf,
  planFromCouncil,
  planTextFromCouncil,
  readAgentFile,
  readCouncil,
  readCouncilResult,
  readRoster,
} from "../src/index.ts";
import { results } from "./support/arbitraries.ts";

const flat = (text: string | null): string | null =>
  text === null ? null : text.replace(/\s+/g, " ").trim();

describe("what is written can be read back", () => {
  test("a session file holds the whole decision", () => {
    fc.assert(
      fc.property(results, (result) => {
        const wanted = decisionOf(result);

        const back = readCouncil(result.transcript, "session.md");

        expect({
          ...back,
          confidence: null,
          dissent: flat(back.dissent),
          hold: flat(back.hold),
          decision: flat(back.decision),
          rationale: flat(back.rationale),
        }).toEqual({
          ...wanted,
          confidence: null,
          dissent: flat(wanted.dissent),
          hold: flat(wanted.hold),
          decision: flat(wanted.decision),
          rationale: flat(wanted.rationale),
        });
        expect(Math.abs((back.confidence ?? 0) - (wanted.confidence ?? 0))).toBeLessThan(0.006);
      }),
    );
  });

  test("a result as JSON too, whatever became of the contributions", () => {
    fc.assert(
      fc.property(results, fc.constantFrom("map", "empty", "record"), (result, form) => {
        const record = result.synthesis.agentContributions;
        const agentContributions =
          form === "map" ? new Map(Object.entries(record)) : form === "empty" ? {} : record;
        const given = { ...result, synthesis: { ...result.synthesis, agentContributions } };
        const wanted = decisionOf(result);

        expect(readCouncilResult(given)).toMatchObject({
          id: wanted.id,
          hold: wanted.hold,
          consensusLevel: wanted.consensusLevel,
        });
        const { actionItems } = readCouncil(JSON.stringify(given), "r.json");
        if (wanted.actionItems.length > 0) expect(actionItems).toEqual(wanted.actionItems);
      }),
    );
  });

  test("a plan has a task for each action item, with the decision's id, or is refused", () => {
    fc.assert(
      fc.property(results, (result) => {
        const { hold, actionItems } = decisionOf(result);
        if (hold !== null)
          expect(() => planFromCouncil(result)).toThrow(expect.objectContaining({ code: "council.held" }));
        else if (actionItems.length > 0) {
          const { tasks } = planFromCouncil(result);
          expect(tasks.map(({ description }) => description)).toEqual(actionItems.map(({ task }) => task));
          expect(new Set(tasks.map(({ decision }) => decision))).toEqual(new Set([result.session.id]));
        }
      }),
    );
  });
});

describe("decisions of other frameworks", () => {
  const foreign = {
    session: {
      id: "council-lx2-9f",
      topic: "Sessions",
      roster: [{ name: "Sec", role: "Security", veto_power: true, veto_criteria: "plain-text secrets" }],
    },
    synthesis: {
      decision: "Use SQLite",
      confidence: 0.8,
      consensusLevel: "strong",
      rationale: "small",
      dissent: "Sec is neutral",
      agentContributions: {},
    },
    actionItems: [
      { task: "Write it", owner: "Dev", priority: "medium" },
      { task: "Tell users", owner: "Unassigned", priority: "low", dueDate: "2026-12-01" },
    ],
  };

  test("priority, owner, decision, dissent and vetoes reach the task", () => {
    expect(planFromCouncil(foreign).tasks[0]).toEqual({
      taskId: "item-1",
      type: "implementation",
      description: "Write it",
      context: ["Decision council-lx2-9f: Use SQLite", "Rationale: small"],
      constraints: [
        "Owned by Dev: work as that role would.",
        "Keep in mind what spoke against it: Sec is neutral",
        "It will be blocked for: Sec: plain-text secrets",
      ],
      successCriteria: "Done as the council decided: Write it",
      priority: "normal",
      decision: "council-lx2-9f",
    });
    expect(planFromCouncil(foreign).tasks[1]).toMatchObject({
      priority: "low",
      constraints: expect.arrayContaining(["Due 2026-12-01."]),
    });
    expect(planTextFromCouncil(foreign)).toContain("decision: council-lx2-9f");
  });

  test("without action items the recommendations are done, and a veto or no consensus holds", () => {
    const { synthesis } = foreign;
    const recommended = { synthesis: { ...synthesis, recommendations: ["Do this"] }, actionItems: [] };
    const vetoed = {
      ...foreign,
      synthesis: { ...synthesis, dissentReport: { hasVetoPower: true, summary: "Sec blocks" } },
    };

    expect(planFromCouncil(recommended).tasks.map(({ description }) => description)).toEqual(["Do this"]);
    expect(readCouncilResult(vetoed).hold).toBe("a veto: Sec blocks");
    expect(readCouncilResult({ ...foreign, synthesis: { ...synthesis, consensusLevel: "none" } }).hold).toBe(
      "no consensus",
    );
  });

  test("a session file that another framework wrote", () => {
    const text = `# Council Session: Sessions\n\n## Session Metadata\n\n| Field | Value |\n|---|---|\n| **Session ID** | \`council-1\` |\n\n## Synthesis\n\n### Decision\n\nUse SQLite\n\n### Metrics\n\n- **Confidence:** 85%\n- **Consensus Level:** strong\n\n### Action Items\n\n- [ ] Write it\n- [x] Done before\n- [ ] Tell users (Owner: PM, Priority: High)\n`;

    expect(readCouncil(text, "s.md")).toMatchObject({
      id: "council-1",
      topic: "Sessions",
      decision: "Use SQLite",
      confidence: 0.85,
      consensusLevel: "strong",
      actionItems: [
        { task: "Write it", owner: "Unassigned", priority: "medium" },
        { task: "Tell users", owner: "PM", priority: "high" },
      ],
      hold: null,
    });
  });

  test("the prose in which a debate ends", () => {
    const text = `## Council Debate: Where to keep sessions\n\n### Round 1\n\nwords\n\n### Council Synthesis\n\n**Areas of Convergence:**\n- All want files\n\n**Remaining Disagreements:** how often to flush\n\n**Recommended Path:**\n1. Use SQLite\n2. Measure\n   the flush\n\n### Next\n\n- not this\n`;

    expect(readCouncil(text, "d.md")).toMatchObject({
      id: "council-where-to-keep-sessions",
      topic: "Where to keep sessions",
      dissent: "how often to flush",
      rationale: "- All want files",
      actionItems: [{ task: "Use SQLite" }, { task: "Measure the flush" }],
    });
  });

  test.each([
    ["", "x is empty"],
    ["# Notes\n\nhello", "x holds no decision of a council"],
    ['{"synthesis": {', "x is no JSON"],
    ['{"actionItems": []}', "x: `synthesis` is missing"],
    ['{"synthesis": {"decision": 5}}', "x: `synthesis.decision` is no text"],
    [
      '{"synthesis": {"decision": "d", "consensusLevel": "total"}}',
      'x: `synthesis.consensusLevel` is "total"',
    ],
    [
      '{"synthesis": {"decision": "d"}, "actionItems": [{"owner": "a"}]}',
      "x: `actionItems[0].task` is missing",
    ],
    [
      '{"synthesis": {"decision": "d"}, "actionItems": [{"task": "a", "priority": "urgent"}]}',
      "x: `actionItems[0].priority` is none of",
    ],
    ["# Council Session: T\n\ntext", "x: line 1: the session has no decision"],
    ["# Council Session: T\n\n### Decision\n\nd", "x: line 3: the session has no action items"],
    ["hello\n\n### Council Synthesis\n\nwords", "x: line 3: the synthesis has no recommended path"],
  ])("%j is refused with its place and a remedy", (text, message) => {
    const refusal = expect.objectContaining({
      code: "council.unreadable",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
    expect(() => readCouncil(text, "x")).toThrow(refusal);
  });
});

describe("rosters and agent files", () => {
  test.each([
    "---\nname: Sec\nrole: Security\npersonality: strict\nveto_power: true\nveto_criteria: [secrets]\n---\nLook hard.\n",
    "---\r\nname: Sec\r\nrole: Security\r\npersonality: [strict]\r\nvetoPower: true\r\nvetoCriteria:\r\n  - secrets\r\n---\r\nLook hard.\r\n",
  ])("both spellings of an agent file mean the same", (text) => {
    expect(readAgentFile(text, "sec.md")).toEqual({
      name: "Sec",
      role: "Security",
      personality: ["strict"],
      vetoPower: true,
      vetoCriteria: ["secrets"],
      brief: "Look hard.",
    });
  });

  test("names in a roster stand for known seats by name or role", () => {
    const known = [{ name: "Sec", role: "SecurityEngineer", vetoPower: true }];

    const { name, seats } = readRoster(
      "name: all\nagents: [security-engineer, QA, {role: PM, agent: explore}]",
      "r.yaml",
      known,
    );

    expect(name).toBe("all");
    expect(seats).toEqual([known[0], { role: "QA" }, { role: "PM", agent: "explore" }]);
  });

  test.each([
    [() => readRoster("agents: 5", "r.yaml"), "r.yaml: `agents` is no list of names"],
    [() => readRoster("agents: [a, 5]", "r.yaml"), "r.yaml: `agents[1]` is neither a name nor a seat"],
    [() => readRoster("a: [", "r.yaml"), "r.yaml: line 1: is no YAML"],
    [() => readAgentFile("hello", "a.md"), "a.md: line 1: there is no front matter"],
    [() => readAgentFile("---\nname: [\n---\n", "a.md"), "a.md: line"],
    [() => readAgentFile("---\nexpertise: x\n---\n", "a.md"), "a.md: `role` is missing"],
    [
      () => readAgentFile("---\nrole: x\nveto_power: often\n---\n", "a.md"),
      "a.md: `veto_power` is neither true nor false",
    ],
  ])("what cannot be read is refused with its place (%#)", (read, message) => {
    expect(read).toThrow(
      expect.objectContaining({ code: "council.unreadable", message: expect.stringContaining(message) }),
    );
  });
});
