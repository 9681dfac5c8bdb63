/** Whether what persons answered was heard. */
import type { Simulation } from "../simulate.ts";
import { taskKey } from "./facts.ts";

/** An answer that was acknowledged is in the journal by then; nobody is answered for twice. */
export function judgeAnswers({ history }: Simulation): readonly string[] {
  const found: string[] = [];
  const said = new Map<string, boolean>();
  for (const fact of history) {
    if (fact.type === "answer.acknowledged") {
      const { attempt, approved } = fact;
      const key = `${taskKey(fact)}/${attempt}`;
      if (said.get(key) !== approved)
        found.push(`${key} was ${word(approved)}, which the journal does not say`);
    }
    if (fact.type !== "entry") continue;
    const { entry } = fact;
    // A person who lets it be tried again is asked again.
    if (entry.type === "task.reopened") said.delete(`${taskKey(entry)}/0`);
    if (entry.type !== "approval.given" && entry.type !== "approval.refused") continue;
    const key = `${taskKey(entry)}/${entry.attempt}`;
    if (said.has(key)) found.push(`${key} was answered twice`);
    said.set(key, entry.type === "approval.given");
  }
  return found;
}

function word(approved: boolean): string {
  return approved ? "approved" : "refused";
}
