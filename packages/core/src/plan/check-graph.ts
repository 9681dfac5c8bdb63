/** What no table of keys can say of a plan: ids used twice, unknown dependencies, cycles. */
import { findCycle } from "../graph.ts";
import { nearest } from "../nearest.ts";
import { type Locate, oneLine, type PlanProblem } from "./problem.ts";
import { isRecord } from "./read-shape.ts";
import { idText } from "./shape.ts";

interface Node {
  readonly taskId: string;
  readonly index: number;
  readonly dependsOn: string[];
  /** Where each of `dependsOn` stands in the list as written. */
  readonly written: readonly number[];
}

const mostCycles = 10;
const mostSuggestions = 50;
const mostIdsShown = 12;

/** Reads the raw data, so that one misspelt key does not hide what is wrong with the graph. @internal */
export function checkGraph(data: unknown, locate: Locate): PlanProblem[] {
  const nodes = nodesOf(data);
  const byId = new Map<string, Node>();
  const problems: PlanProblem[] = [];
  for (const node of nodes) {
    const first = byId.get(node.taskId);
    if (first === undefined) byId.set(node.taskId, node);
    else problems.push(usedTwice(node, first, locate));
  }
  const distinct = [...byId.values()];
  return [...problems, ...unknownDependencies(nodes, byId, locate), ...cycles(distinct, byId, locate)];
}

function nodesOf(data: unknown): Node[] {
  const tasks = isRecord(data) ? data["tasks"] : undefined;
  if (!Array.isArray(tasks)) return [];
  const id = new RegExp(idText.pattern, "u");
  const nodes: Node[] = [];
  for (const [index, task] of tasks.entries()) {
    const taskId: unknown = isRecord(task) ? task["id"] : undefined;
    if (!isRecord(task) || typeof taskId !== "string" || !id.test(taskId)) continue;
    const listed: unknown[] = Array.isArray(task["depends_on"]) ? task["depends_on"] : [];
    const dependsOn: string[] = [];
    const written: number[] = [];
    for (const [at, dependency] of listed.entries()) {
      if (typeof dependency !== "string" || !id.test(dependency)) continue;
      dependsOn.push(dependency);
      written.push(at);
    }
    nodes.push({ taskId, index, dependsOn, written });
  }
  return nodes;
}

function usedTwice(node: Node, first: Node, locate: Locate): PlanProblem {
  const path = ["tasks", node.index, "id"];
  const before = locate(["tasks", first.index, "id"]);
  const where = before === undefined ? `tasks[${first.index}]` : `line ${before.line}`;
  return {
    code: "plan.duplicate-id",
    message: `the id \`${node.taskId}\` is already used by ${where}`,
    path,
    place: locate(path) ?? null,
    taskId: node.taskId,
    hint: "Give each task an id of its own.",
  };
}

function unknownDependencies(
  nodes: readonly Node[],
  byId: ReadonlyMap<string, Node>,
  locate: Locate,
): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const ids = [...byId.keys()];
  for (const node of nodes) {
    for (const [at, dependency] of node.dependsOn.entries()) {
      if (byId.has(dependency)) continue;
      const path = ["tasks", node.index, "depends_on", node.written[at] ?? 0];
      const meant = problems.length < mostSuggestions ? nearest(dependency, ids) : undefined;
      const question = meant === undefined ? "" : `; did you mean \`${meant}\`?`;
      problems.push({
        code: "plan.unknown-dependency",
        message: `depends on \`${dependency}\`, which is not in the plan${question}`,
        path,
        place: locate(path) ?? null,
        taskId: node.taskId,
        hint: meant === undefined ? "Add that task, or remove the dependency." : `Write \`${meant}\`.`,
      });
    }
  }
  return problems;
}

/** Each cycle is named once: its tasks are set aside before the next is looked for. */
function cycles(nodes: readonly Node[], byId: ReadonlyMap<string, Node>, locate: Locate): PlanProblem[] {
  const problems: PlanProblem[] = [];
  let rest = nodes;
  while (problems.length < mostCycles) {
    const cycle = findCycle(rest);
    const first = cycle === undefined ? undefined : byId.get(cycle[0] ?? "");
    if (cycle === undefined || first === undefined) break;
    const at = first.written[first.dependsOn.indexOf(cycle[1] ?? "")] ?? 0;
    const path = ["tasks", first.index, "depends_on", at];
    problems.push({
      code: "plan.cycle",
      message: `tasks wait for each other in a cycle: ${shownCycle(cycle)}`,
      path,
      place: locate(path) ?? null,
      taskId: first.taskId,
      hint: "Remove one of these dependencies.",
    });
    const named = new Set(cycle);
    rest = rest.filter((node) => !named.has(node.taskId));
  }
  return problems;
}

function shownCycle(cycle: readonly string[]): string {
  const left = cycle.length - mostIdsShown;
  const ids = left <= 0 ? cycle : [...cycle.slice(0, mostIdsShown - 1), `... ${left} more`, cycle[0] ?? ""];
  return ids.map(oneLine).join(" -> ");
}
