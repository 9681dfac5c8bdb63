/** What `mai approve` and `mai reject` have in common. */
import { thisUser } from "../../execution/this-user.ts";
import { exitCode, type Flag, jsonFlag, runFlag, storeFlag, type Verb } from "../command.ts";
import { withStore } from "../store/find-store.ts";
import { storeWords } from "../store/store-words.ts";
import { type Answered, answerApproval } from "./answer-approval.ts";

const noteFlag: Flag = { name: "note", value: "TEXT", summary: "why; what is refused is told it" };

/** @internal */
export function answerVerb(approved: boolean, words: Pick<Verb, "usage" | "details" | "examples">): Verb {
  return {
    ...words,
    args: [1, 1],
    flags: [noteFlag, runFlag, jsonFlag, storeFlag],
    async run(given, io) {
      return withStore(given, io, async (store, path) => {
        const note = given.value("note")?.trim() ?? "";
        const answered = await answerApproval(store, {
          taskId: given.args[0] ?? "",
          run: given.value("run"),
          approved,
          by: thisUser(),
          via: "cli",
          note: note === "" ? null : note,
        });
        if (given.has("json")) {
          io.stdout.write(`${JSON.stringify(answered)}\n`);
          return exitCode.succeeded;
        }
        const { driverOf } = await import("../run/driver-of.ts");
        const run = await store.run(answered.runId);
        const isLeft =
          run?.finishedAt === null && (run.interruptedAt !== null || !(await driven(answered.runId)));
        const resume = `mai resume ${answered.runId}${await storeWords(path, io)}`;
        io.stdout.write(`${textOf(answered)}${isLeft ? `. To go on with its run: ${resume}` : "."}\n`);
        return exitCode.succeeded;

        async function driven(runId: string): Promise<boolean> {
          return (await driverOf(store, runId)).state === "alive";
        }
      });
    },
  };
}

function textOf({ approved, changed, taskId, phase, verdict }: Answered): string {
  const word = approved ? "approved" : "refused";
  const stands = verdict ?? (phase === "retry-wait" ? "it is tried again" : phase);
  return changed ? `${taskId} is ${word}: ${stands}` : `${taskId} was ${word} before: ${stands}`;
}
